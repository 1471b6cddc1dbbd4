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
import type { Text } from "../../languages.ts";
import { withoutSerial } from "../../site/issued-names.ts";
import type { Cause, Meaning } from "../dictionary/dictionary.ts";

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
    const kept = path.find((one) => !sent(one) && !isIssuedBy(one, one));
    const last = path.at(-1) ?? chain[0];
    if (kept) {
      const name = inOneLine(kept.subject);
      const [en, fr] = [`its intermediate ${name} is not sent`, `son intermédiaire ${name} n'est pas envoyé`];
      return told(chain[0], en, fr, {
        en: `put the certificate of ${name} behind ours in the file of cert`,
        fr: `mettez le certificat de ${name} derrière le nôtre dans le fichier cert`,
      });
    }
    if (isIssuedBy(last, last)) return undefined;
    // one that nobody believes and an intermediate that is not sent look alike from here
    const name = inOneLine(last.issuer);
    const en = `its issuer ${name} is neither sent behind it nor in our CAfile: an intermediate that is missing, or an authority that the peer does not believe`;
    const fr = `son émetteur ${name} n'est ni envoyé derrière lui ni dans notre CAfile : un intermédiaire qui manque, ou une autorité que le pair ne reconnaît pas`;
    return told(chain[0], en, fr, {
      en: `put an intermediate behind ours in the file of cert; for an authority, show a certificate of one that the peer believes`,
      fr: `mettez un intermédiaire derrière le nôtre dans le fichier cert ; sinon, présentez un certificat d'une autorité que le pair reconnaît`,
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
    const root = inOneLine((pathOf(chain, authorities).path.at(-1) ?? chain[0]).subject);
    // Stunnel looks for the list of who issued the leaf, and for no other
    const issuer = inOneLine(chain[0].issuer);
    const en = `its chain is complete, so the peer does not believe ${root}, or has no CRL of ${issuer}`;
    const fr = `sa chaîne est complète : le pair ne reconnaît pas ${root}, ou n'a pas de CRL de ${issuer}`;
    return {
      cause: "unknown-authority",
      ...told(chain[0], en, fr, {
        en: `send the peer the certificate of ${root} for its CAfile, and the CRL of ${issuer} for its CRLfile`,
        fr: `envoyez au pair le certificat de ${root} pour son CAfile, et la CRL de ${issuer} pour son CRLfile`,
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
  const subject = withoutSerial(inOneLine(one.subject));
  const [from, to] = [dayOf(one.validFromDate), dayOf(one.validToDate)];
  return {
    plain: {
      en: `our certificate ${subject}, valid ${from} to ${to}: ${en}`,
      fr: `notre certificat ${subject}, valable du ${from} au ${to} : ${fr}`,
    },
    next,
  };
}
