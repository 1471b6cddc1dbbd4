import type { X509Certificate } from "node:crypto";
import { inOneLine, pathOf } from "../../../stunnel/inspect.ts";
import { same } from "../../languages.ts";
import { meaningsOf } from "../dictionary/dictionary.ts";
import { type Finding, fail, pass, skip } from "../finding.ts";
import type { Link, Target } from "../probe/link.ts";

/** Judges whether the peer's certificate leads to an authority of ours, or is the very one that we pin. */
export function judgeChain(certificate: X509Certificate, link: Link): Finding {
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
    en: "have the peer send its intermediate certificates behind its own in cert, or put its authority into our CAfile if it is to be believed",
    fr: "faites envoyer par le pair ses certificats intermédiaires derrière le sien dans cert, ou ajoutez son autorité à notre CAfile s'il faut la reconnaître",
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

/** Returns why a chain is not believed: OpenSSL says the last thing it found, and a chain that leads nowhere may stand behind it. */
export function disbeliefOf({ baseline, target }: Link): string | undefined {
  const { disbelief, certificate } = baseline ?? {};
  if (!disbelief || !certificate) return undefined;
  const leadsToOurs = pathOf(sentChain(certificate), target.authorities).believed;
  return ELSEWHERE.test(disbelief) && leadsToOurs ? undefined : disbelief;
}

/** Returns a certificate with those that were sent behind it. */
export function sentChain(certificate: X509Certificate): [X509Certificate, ...X509Certificate[]] {
  const behind: X509Certificate[] = [];
  for (let one = certificate.issuerCertificate; one; one = one.issuerCertificate) behind.push(one);
  return [certificate, ...behind];
}
