import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { isSignedBy, revokes } from "../../../stunnel/crl.ts";
import {
  commonNameOf,
  dayOf,
  inOneLine,
  isIssuedBy,
  keyKindOf,
  namesOf,
  pathOf,
  usagesOf,
} from "../../../stunnel/inspect.ts";
import { certificateLifetime } from "../../../stunnel/lifetimes.ts";
import { same } from "../../languages.ts";
import { meaningsOf } from "../dictionary/dictionary.ts";
import { type Finding, fail, pass, skip, warn } from "../finding.ts";
import { weaknessOf } from "../own/strength.ts";
import type { Link, Target } from "../probe/link.ts";

/** Judges the certificate that the peer shows. */
export function judgeCertificate(certificate: X509Certificate, link: Link, now: Date): Finding[] {
  return [
    judgeChain(certificate, link),
    judgeName(certificate, link),
    judgeUsage(certificate),
    judgeStrength(certificate),
    judgeDays(certificate, now),
    judgeCrl(certificate, link, now),
  ];
}

function judgeChain(certificate: X509Certificate, link: Link): Finding {
  const { target } = link;
  const id = "handshake.peer-chain";
  const [subject, issuer] = [inOneLine(certificate.subject), inOneLine(certificate.issuer)];
  if (target.authorities.length === 0) {
    const why = {
      en: `no authority was given; the issuer is ${issuer}`,
      fr: `aucune autorité fournie ; l'émetteur est ${issuer}`,
    };
    return skip(id, why, {
      en: "name the authority's certificate with --ca",
      fr: "indiquez le certificat de l'autorité avec --ca",
    });
  }
  if (target.pinned) return judgePin(certificate, target);
  const disbelief = disbeliefOf(link);
  if (disbelief === undefined) return pass(id, { en: `issued by ${issuer}`, fr: `émis par ${issuer}` });
  const [{ plain } = { plain: same(disbelief) }] = meaningsOf(disbelief);
  const last = pathOf(sentChain(certificate), target.authorities).path.at(-1);
  const missing = last && last.subject !== last.issuer ? `"${inOneLine(last.issuer)}"` : undefined;
  const what = {
    en: `${subject}, issued by ${issuer}: ${plain.en}${missing ? `; not at hand is ${missing}` : ""}`,
    fr: `${subject}, émis par ${issuer} : ${plain.fr}${missing ? ` ; il manque ${missing}` : ""}`,
  };
  return fail(id, what, {
    en: "the peer has to send its intermediate certificates behind its own in cert, or its authority belongs into our CAfile",
    fr: "le pair doit envoyer ses certificats intermédiaires derrière le sien dans cert, ou son autorité doit entrer dans notre CAfile",
  });
}

function judgePin(certificate: X509Certificate, { authorities }: Target): Finding {
  const id = "handshake.peer-chain";
  const shown = certificate.fingerprint256;
  if (authorities.some(({ fingerprint256 }) => fingerprint256 === shown))
    return pass(id, { en: `pinned: ${shown} is in CAfile`, fr: `épinglé : ${shown} est dans CAfile` });
  return fail(
    id,
    {
      en: `${shown} is not in CAfile, which verifyPeer pins`,
      fr: `${shown} n'est pas dans CAfile, que verifyPeer épingle`,
    },
    {
      en: "if that is the right peer, by its fingerprint over another way, put its certificate into CAfile",
      fr: "si c'est le bon pair, d'après son empreinte obtenue par une autre voie, mettez son certificat dans CAfile",
    },
  );
}

/** Dates, usages and strength are questions of their own. */
const ELSEWHERE = /EXPIRED|NOT_YET_VALID|INVALID_PURPOSE|KEY_TOO|MD_TOO|UNSPECIFIED/;

/** OpenSSL says the last thing that it found wrong; a chain that leads nowhere may stand behind it. */
function disbeliefOf({ baseline, target }: Link): string | undefined {
  const { disbelief, certificate } = baseline ?? {};
  if (!disbelief || !certificate) return undefined;
  const leadsToOurs = pathOf(sentChain(certificate), target.authorities).believed;
  return ELSEWHERE.test(disbelief) && leadsToOurs ? undefined : disbelief;
}

/** Returns a certificate with those that were sent behind it. */
function sentChain(certificate: X509Certificate): [X509Certificate, ...X509Certificate[]] {
  const behind: X509Certificate[] = [];
  for (let one = certificate.issuerCertificate; one; one = one.issuerCertificate) behind.push(one);
  return [certificate, ...behind];
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
    return skip(id, why, { en: "say with checkHost whom you expect", fr: "dites avec checkHost qui vous attendez" });
  }
  const bears = target.names.some((name) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)));
  if (bears && borne.length === 0) {
    const what = { en: `${shown}, as common name only`, fr: `${shown}, comme nom commun seulement` };
    return warn(id, what, {
      en: "issue it anew with a DNS name: RFC 9525 gives the common name up",
      fr: "faites-le réémettre avec un nom DNS : la RFC 9525 abandonne le nom commun",
    });
  }
  if (bears) return pass(id, same(shown));
  const what = { en: `it bears ${shown}, expected is ${wanted}`, fr: `il porte ${shown}, attendu : ${wanted}` };
  return fail(id, what, {
    en: "is that the right peer? If so, expect a name that it bears (checkHost, --name), or have it issued with yours",
    fr: "est-ce le bon pair ? Si oui, attendez un nom qu'il porte (checkHost, --name), ou faites-le émettre avec le vôtre",
  });
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
    en: "the peer has to renew it and to reload",
    fr: "le pair doit le renouveler et recharger",
  });
}

function judgeCrl(certificate: X509Certificate, link: Link, now: Date): Finding {
  const { crls, authorities } = link.target;
  const id = "handshake.peer-crl";
  if (!crls)
    return skip(
      id,
      { en: "no CRL was given", fr: "aucune CRL n'a été fournie" },
      {
        en: "set CRLfile (or --crl): without it a revoked peer is accepted",
        fr: "définissez CRLfile (ou --crl) : sans elle un pair révoqué est accepté",
      },
    );
  if (disbeliefOf(link) !== undefined && !link.target.pinned)
    return skip(
      id,
      { en: "its chain leads to nobody whose CRL we have", fr: "sa chaîne ne mène à personne dont nous ayons la CRL" },
      { en: "mend handshake.peer-chain first", fr: "réparez d'abord handshake.peer-chain" },
    );
  const serial = certificate.serialNumber;
  const renew = {
    en: "get the authority's current CRL, and reload",
    fr: "procurez-vous la CRL actuelle de l'autorité, et rechargez",
  };
  const issuer = authorities.find((authority) => isIssuedBy(certificate, authority));
  const lists = crls.filter(
    (crl) => crl.issuer === inOneLine(certificate.issuer) && (!issuer || isSignedBy(crl, issuer) !== false),
  );
  const revoked = lists.find((crl) => revokes(crl, certificate));
  if (revoked)
    return fail(
      id,
      { en: `serial ${serial} is revoked`, fr: `le numéro de série ${serial} est révoqué` },
      {
        en: "the peer needs a new certificate: ask its authority why this one was taken back",
        fr: "il faut un nouveau certificat au pair : demandez à son autorité pourquoi celui-ci a été révoqué",
      },
    );
  const [newest] = lists.toSorted((one, other) => other.thisUpdate.getTime() - one.thisUpdate.getTime());
  if (!newest)
    return fail(
      id,
      {
        en: `no CRL of ${inOneLine(certificate.issuer)} is at hand`,
        fr: `aucune CRL de ${inOneLine(certificate.issuer)} n'est là`,
      },
      renew,
    );
  const { nextUpdate } = newest;
  if (nextUpdate && nextUpdate < now)
    return fail(
      id,
      {
        en: `our CRL expired on ${dayOf(nextUpdate)}: every peer of this authority is refused`,
        fr: `notre CRL a expiré le ${dayOf(nextUpdate)} : tout pair de cette autorité est refusé`,
      },
      renew,
    );
  return pass(id, { en: `serial ${serial} is in no CRL`, fr: `le numéro de série ${serial} n'est dans aucune CRL` });
}
