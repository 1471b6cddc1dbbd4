import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { commonNameOf, keyKindOf, namesOf, usagesOf } from "../../../stunnel/inspect.ts";
import { certificateLifetime } from "../../../stunnel/lifetimes.ts";
import { same } from "../../languages.ts";
import { type Finding, fail, pass, skip, warn } from "../finding.ts";
import { weaknessOf } from "../own/strength.ts";
import { type Link, showsOurs } from "../probe/link.ts";
import { DIAL_THE_PEER, WITHOUT_OURS } from "./next.ts";
import { judgeChain } from "./peer-chain.ts";
import { judgeCrl } from "./peer-crl.ts";

/** Judges the certificate that the peer shows. */
export function judgeCertificate(certificate: X509Certificate, link: Link, now: Date): Finding[] {
  return [
    judgeChain(certificate, link),
    judgeName(certificate, link),
    judgeOther(link),
    judgeUsage(certificate),
    judgeStrength(certificate),
    judgeDays(certificate, now),
    judgeCrl(certificate, link, now),
  ];
}

function judgeName(certificate: X509Certificate, { target }: Link): Finding {
  const id = "handshake.peer-name";
  const borne = namesOf(certificate);
  const shown = borne.length > 0 ? borne.join(", ") : `CN=${commonNameOf(certificate)}`;
  const wanted = target.names.join(", ");
  if (target.names.length === 0 && target.pinned)
    return pass(id, {
      en: `${shown}, and the certificate itself is pinned`,
      fr: `${shown}, et le certificat lui-même est épinglé`,
    });
  if (target.names.length === 0) {
    const why = { en: `no name is expected; it bears ${shown}`, fr: `aucun nom n'est attendu ; il porte ${shown}` };
    return skip(id, why, { en: "say with checkHost whom you expect", fr: "indiquez avec checkHost qui vous attendez" });
  }
  const bears = target.names.some((name) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)));
  if (bears && borne.length === 0) {
    const what = { en: `${shown}, as common name only`, fr: `${shown}, comme nom commun seulement` };
    return warn(id, what, {
      en: "have it issued anew with a DNS name: RFC 9525 gives the common name up",
      fr: "faites-le réémettre avec un nom DNS : la RFC 9525 abandonne le nom commun",
    });
  }
  if (bears) return pass(id, same(shown));
  const what = { en: `it bears ${shown}, expected is ${wanted}`, fr: `il porte ${shown}, attendu : ${wanted}` };
  return fail(id, what, {
    en: "is that the right peer? If so, expect a name that it bears (checkHost, --name), or have it issued with yours",
    fr: "est-ce le bon pair ? Si oui, indiquez un nom qu'il porte (checkHost, --name), ou faites-le émettre avec le vôtre",
  });
}

function judgeOther(link: Link): Finding {
  const id = "handshake.peer-other";
  const ours = link.target.chain?.[0];
  if (!ours) return skip(id, ...WITHOUT_OURS);
  if (!showsOurs(link)) return pass(id, { en: "its key is not ours", fr: "sa clé n'est pas la nôtre" });
  const own = commonNameOf(ours);
  const what = {
    en: `it shows the key of our own certificate, ${own}`,
    fr: `il présente la clé de notre certificat, ${own}`,
  };
  return fail(id, what, DIAL_THE_PEER);
}

function judgeUsage(certificate: X509Certificate): Finding {
  const id = "handshake.peer-usage";
  const { key, extended } = usagesOf(certificate);
  const shown = same([...key, ...extended].join(", ") || "-");
  const signs = key.length === 0 || key.includes("digitalSignature");
  if (signs && (extended.length === 0 || extended.includes("serverAuth"))) return pass(id, shown);
  return fail(id, shown, {
    en: "have it issued with digitalSignature and serverAuth (and clientAuth, since a site is both)",
    fr: "faites-le émettre avec digitalSignature et serverAuth (et clientAuth, puisqu'un site est les deux)",
  });
}

function judgeStrength(certificate: X509Certificate): Finding {
  const id = "handshake.peer-strength";
  const weakness = weaknessOf(certificate);
  if (!weakness) return pass(id, same(`${keyKindOf(certificate)}, ${certificate.signatureAlgorithm ?? "-"}`));
  return fail(id, weakness, {
    en: "have it issued anew over an RSA key of 3072 bits or an EC key, with SHA-256",
    fr: "faites-le réémettre sur une clé RSA de 3072 bits ou une clé EC, avec SHA-256",
  });
}

function judgeDays(certificate: X509Certificate, now: Date): Finding {
  const { level, text } = certificateLifetime("", certificate, now);
  const judge = { error: fail, warn, info: pass }[level];
  return judge("handshake.peer-days", text, {
    en: "have the peer renew it, then reload",
    fr: "faites-le renouveler par le pair, puis recharger",
  });
}
