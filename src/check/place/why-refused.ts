import type { X509Certificate } from "node:crypto";
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
import type { Cause, Meaning } from "../dictionary/dictionary.ts";
import type { Text } from "../finding.ts";

/** The certificate that we show with what is sent behind it, and whom we believe. */
export interface Own {
  chain: [X509Certificate, ...X509Certificate[]];
  authorities: X509Certificate[];
}

export interface Why {
  cause: Cause;
  plain: Text;
  next: Text;
}

/**
 * Says why the peer refused us, from the alert that it sent and from what our own certificate shows: what is seen to be
 * wrong with ours is the reason, and if nothing is, the reason lies with the peer.
 */
export function whyRefused(said: Meaning, own: Own, now: Date): Why {
  for (const cause of said.causes) {
    const seen = SEEN[cause]?.(own, now);
    if (seen) return { cause, ...seen };
  }
  const [likeliest] = said.causes;
  return AT_THE_PEER[likeliest]?.(own) ?? { cause: likeliest, plain: said.plain, next: said.next };
}

type Said = Pick<Why, "plain" | "next">;

/** What our own files show to be wrong. */
const SEEN: Partial<Record<Cause, (own: Own, now: Date) => Said | undefined>> = {
  expired: ({ chain }, now) => {
    const ended = chain.find(({ validToDate }) => validToDate < now);
    return ended && told(ended, "it has expired", "il a expiré", RENEW);
  },
  "not-yet-valid": ({ chain }, now) => {
    const early = chain.find(({ validFromDate }) => validFromDate > now);
    return early && told(early, "it is not valid yet", "il n'est pas encore valide", CLOCK);
  },
  "self-signed": ({ chain: [own] }) =>
    isSelfSigned(own) ? told(own, "it is self-signed", "il est autosigné", RENEW) : undefined,
  "incomplete-chain": ({ chain, authorities }) => {
    if (isSelfSigned(chain[0])) return undefined;
    const { path } = pathOf(chain, authorities);
    const sent = (one: X509Certificate) => chain.some(({ fingerprint256 }) => fingerprint256 === one.fingerprint256);
    const last = path.at(-1);
    const kept = path.find((one) => !sent(one) && !isIssuedBy(one, one));
    const missing = kept
      ? inOneLine(kept.subject)
      : last && !isIssuedBy(last, last)
        ? inOneLine(last.issuer)
        : undefined;
    if (missing === undefined) return undefined;
    const [en, fr] = [`its intermediate ${missing} is not sent`, `son intermédiaire ${missing} n'est pas envoyé`];
    return told(chain[0], en, fr, {
      en: `put the certificate of ${missing} behind ours in the file of cert; if that is a root, send it to the peer`,
      fr: `mettez le certificat de ${missing} derrière le nôtre dans cert ; une racine s'envoie au pair`,
    });
  },
  "weak-key": ({ chain }) => {
    const weak = chain.find(({ publicKey }) => (publicKey.asymmetricKeyDetails?.modulusLength ?? 4096) < 2048);
    if (!weak) return undefined;
    const kind = keyKindOf(weak);
    return told(weak, `its key is too short (${kind})`, `sa clé est trop courte (${kind})`, RENEW);
  },
  "weak-signature": ({ chain }) => {
    const weak = chain.find((one) => !isIssuedBy(one, one) && /sha1|md5/i.test(one.signatureAlgorithm ?? ""));
    if (!weak) return undefined;
    const kind = weak.signatureAlgorithm;
    return told(weak, `its signature is too weak (${kind})`, `sa signature est trop faible (${kind})`, RENEW);
  },
};

/** What it is at the peer's end, by the likeliest cause, where nothing is wrong with what we show. */
const AT_THE_PEER: Partial<Record<Cause, (own: Own) => Why>> = {
  expired: ({ chain: [own] }) => ({
    cause: "crl-expired",
    ...told(
      own,
      "it is in date, so the CRL of the peer has expired",
      "il est en cours de validité : c'est la CRL du pair qui a expiré",
      {
        en: "ask the peer to fetch a fresh CRL of the authority into CRLfile, and to look at its clock",
        fr: "demandez au pair de mettre une CRL récente de l'autorité dans CRLfile, et de vérifier son heure",
      },
    ),
  }),
  "unknown-authority": ({ chain, authorities }) => {
    const root = pathOf(chain, authorities).path.at(-1) ?? chain[0];
    const name = inOneLine(root.subject);
    const en = `its chain is complete, so the peer does not believe ${name}, or has no CRL of it`;
    const fr = `sa chaîne est complète : le pair ne reconnaît pas ${name}, ou n'en a pas de CRL`;
    return {
      cause: "unknown-authority",
      ...told(chain[0], en, fr, {
        en: `send the peer the certificate and the CRL of ${name}, for its CAfile and CRLfile`,
        fr: `envoyez au pair le certificat et la CRL de ${name}, pour son CAfile et son CRLfile`,
      }),
    };
  },
  "not-yet-valid": ({ chain: [own] }) => ({
    cause: "not-yet-valid",
    ...told(
      own,
      "it is valid and strong here, so the peer's clock is behind",
      "il est valide et solide ici : l'horloge du pair retarde",
      {
        en: "ask the peer for its time (date -u) and for the first day of its CRL",
        fr: "demandez au pair son heure (date -u) et le premier jour de sa CRL",
      },
    ),
  }),
  "wrong-name": ({ chain: [own] }) => {
    // Stunnel takes the common name where there is no other
    const names = namesOf(own).join(", ") || commonNameOf(own);
    const en = `the peer expects another name than ours: ${names}`;
    const fr = `le pair attend un autre nom que les nôtres : ${names}`;
    return {
      cause: "wrong-name",
      ...told(own, en, fr, {
        en: "ask the peer to set checkHost to one of our names, or have a certificate issued for the name it expects",
        fr: "demandez au pair de mettre un de nos noms dans checkHost, ou faites émettre un certificat au nom attendu",
      }),
    };
  },
  "wrong-usage": ({ chain: [own] }) => {
    const usages = usagesOf(own).extended.join(", ");
    const [en, fr] = usages
      ? [`it is good for ${usages} only`, `il ne vaut que pour ${usages}`]
      : ["the peer does not take its key usage", "le pair n'accepte pas son usage de clé"];
    return { cause: "wrong-usage", ...told(own, en, fr, RENEW_FOR_BOTH) };
  },
  revoked: ({ chain: [own] }) => ({
    cause: "revoked",
    ...told(own, `it was revoked (serial ${own.serialNumber})`, `il est révoqué (numéro ${own.serialNumber})`, RENEW),
  }),
};

const RENEW: Text = {
  en: 'have a new certificate issued, put it where cert in stunnel.conf points, then "certs reload"',
  fr: "faites émettre un nouveau certificat, mettez-le là où pointe cert dans stunnel.conf, puis « certs reload »",
};

const RENEW_FOR_BOTH: Text = {
  en: "have it issued anew with serverAuth and clientAuth as extended key usages",
  fr: "faites-le réémettre avec serverAuth et clientAuth comme usages étendus (extended key usage)",
};

const CLOCK: Text = {
  en: "compare its first day with the clock of this machine (date -u), or go back to the certificate before it",
  fr: "comparez son premier jour avec l'heure de cette machine (date -u), ou reprenez le certificat précédent",
};

/** Says whether a certificate is its own issuer, be it allowed to sign or not. */
const isSelfSigned = (one: X509Certificate) => one.subject === one.issuer && one.verify(one.publicKey);

/** Puts a sentence after the certificate that it is about, with its dates. */
function told(one: X509Certificate, en: string, fr: string, next: Text): Said {
  const subject = inOneLine(one.subject);
  const [from, to] = [dayOf(one.validFromDate), dayOf(one.validToDate)];
  return {
    plain: {
      en: `our certificate ${subject}, valid ${from} to ${to}: ${en}`,
      fr: `notre certificat ${subject}, valable du ${from} au ${to} : ${fr}`,
    },
    next,
  };
}
