import type { X509Certificate } from "node:crypto";
import { revokes } from "../../../stunnel/crl.ts";
import { commonNameOf, inOneLine, isIssuedBy, keyKindOf, namesOf, pathOf, usagesOf } from "../../../stunnel/inspect.ts";
import { type Lifetime, lifetimesOf } from "../../../stunnel/lifetimes.ts";
import type { Material } from "../../../stunnel/material.ts";
import { type Notice, noticesOf } from "../../../stunnel/notices.ts";
import { reasonOf, SafeTunnelError } from "../../errors.ts";
import { joined, same, type Text } from "../../languages.ts";

import { type Finding, fail, pass, skip, warn } from "../finding.ts";
import { type FindingId, QUESTIONS } from "../questions.ts";
import { judgeServed, type Served } from "./served.ts";
import { weaknessOf } from "./strength.ts";

type Own = Extract<FindingId, `certificates.${string}`>;
type Name = Own extends `certificates.${infer Rest}` ? Rest : never;

/**
 * Judges the files that a Stunnel is given, or why they cannot be read; `site` is whose they are, and `served` what came
 * of asking its TLS port, both undefined where that is not known.
 */
export function judgeCertificates(
  material: Material | Error,
  site: { name: string; pins?: boolean } | undefined,
  served: Served | undefined,
  now: Date,
): Finding[] {
  if (material instanceof Error) return unread(material);
  const { paths, chain, authorities, crls } = material;
  // whom a CAfile of pinned peers holds is not who issued ours
  const ofPins = (notice: Notice) => site?.pins === true && notice.about === "chain";
  const inUse = new Set(pathOf(chain, authorities).path.map((one) => inOneLine(one.subject)));
  const lifetimes = lifetimesOf(material, now).map((notice) =>
    isSpare(notice, inUse) ? { ...notice, level: "warn" as const } : notice,
  );
  const notices = [...lifetimes, ...noticesOf(material).filter((notice) => !ofPins(notice))];
  const about = (name: Name & Notice["about"], facts: Text, hint: Text) =>
    judgeNotices(
      `certificates.${name}`,
      notices.filter((notice) => notice.about === name),
      facts,
      hint,
    );
  const files = [paths.certificate, paths.key, paths.authorities, paths.crl].filter((path) => path !== undefined);
  const revoked = (crls ?? []).reduce((sum, crl) => sum + crl.revoked.length, 0);
  return [
    pass("certificates.files", same([...new Set(files)].join(", "))),
    judgeOrder(chain, paths.certificate) ??
      about("chain", same(pathOf(chain, authorities).path.map(commonNameOf).join(", ")), HINTS.chain),
    judgeNames(chain[0], site),
    about("usage", usagesIn(chain[0]), HINTS.usage),
    judgeStrength([...chain, ...authorities]),
    about("own-days", same(""), HINTS["own-days"]),
    about("authority-days", same(""), HINTS["authority-days"]),
    crls === undefined
      ? skip("certificates.crl-days", NO_CRL, HINTS["no-crl"])
      : about("crl-days", same(""), HINTS["crl-days"]),
    crls === undefined
      ? skip("certificates.crl", NO_CRL, HINTS["no-crl"])
      : about(
          "crl",
          {
            en: `${crls.length} CRL, ${revoked} revoked, ours is not among them`,
            fr: `${crls.length} CRL, révocations : ${revoked}, aucune du nôtre`,
          },
          crls.some((crl) => revokes(crl, chain[0])) ? RENEW : HINTS.crl,
        ),
    about("lab", same(commonNameOf(chain[0])), HINTS.lab),
    judgeServed(served, material),
  ];
}

/** A bundle may hold an authority that has ended, and that nobody leads to. */
const isSpare = ({ about, level, subject }: Lifetime, inUse: Set<string>): boolean =>
  about === "authority-days" && level === "error" && !inUse.has(subject);

const NO_CRL: Text = { en: "no CRLfile is set", fr: "CRLfile n'est pas défini" };
const RENEW: Text = {
  en: 'have it issued anew ("certs rotate", or by your authority), then run "certs reload"',
  fr: "faites-le réémettre (« certs rotate », ou par votre autorité), puis lancez « certs reload »",
};
const HINTS = {
  chain: {
    en: "put the intermediate certificates behind our own, in one file, each before the one that signed it",
    fr: "mettez les certificats intermédiaires derrière le nôtre, dans un seul fichier, chacun avant celui qui l'a signé",
  },
  usage: {
    en: "have it issued with digitalSignature, serverAuth and clientAuth",
    fr: "faites-le réémettre avec digitalSignature, serverAuth et clientAuth",
  },
  "own-days": RENEW,
  "authority-days": {
    en: 'one in use is replaced ("npm run certs:replace-authority", or by the files of the new one); take a spare one out of CAfile',
    fr: "remplacez celle qui sert (« npm run certs:replace-authority », ou par les fichiers de la nouvelle) ; retirez de CAfile celle qui ne sert plus",
  },
  "crl-days": {
    en: 'put the authority\'s current CRL there ("docker compose run --rm certs"), then run "certs reload"',
    fr: "mettez-y la CRL actuelle de l'autorité (« docker compose run --rm certs »), puis lancez « certs reload »",
  },
  crl: {
    en: 'put a CRL of each authority there, then run "certs reload"',
    fr: "mettez-y une CRL de chaque autorité, puis lancez « certs reload »",
  },
  "no-crl": {
    en: "set CRLfile in stunnel.conf to the CRL of the authority",
    fr: "définissez CRLfile dans stunnel.conf : la CRL de l'autorité",
  },
  lab: {
    en: "put the certificate and key of the site there",
    fr: "mettez-y le certificat et la clé du site",
  },
} as const satisfies Record<string, Text>;

function unread(error: Error): Finding[] {
  const reason = same(reasonOf(error));
  const given = error instanceof SafeTunnelError ? error.hint : undefined;
  const hint: Text = {
    en: given ?? "put the right files there",
    fr: /password/.test(given ?? "")
      ? "personne n'est là pour saisir un mot de passe : écrivez la clé sans (openssl pkey), lisible par son seul utilisateur"
      : "remettez les bons fichiers, entiers et lisibles par Stunnel",
  };
  const [files, ...others] = Object.keys(QUESTIONS).filter((id): id is Own => id.startsWith("certificates."));
  const why = { en: "the files cannot be read", fr: "les fichiers ne peuvent être lus" };
  return [...(files ? [fail(files, reason, hint)] : []), ...others.map((id) => skip(id, why, hint))];
}

/** What nothing is said about passes, with what is known of it; what is only information is known. */
function judgeNotices(id: FindingId, notices: Notice[], facts: Text, hint: Text): Finding {
  const texts = (level: Notice["level"]) =>
    joined(
      notices
        .filter((notice) => notice.level === level)
        .map(({ path, text }) => ({ en: `${path}: ${text.en}`, fr: `${path} : ${text.fr}` })),
    );
  if (notices.some(({ level }) => level === "error")) return fail(id, texts("error"), hint);
  if (notices.some(({ level }) => level === "warn")) return warn(id, texts("warn"), hint);
  const known = [facts, texts("info")].filter(({ en }) => en !== "");
  return pass(id, joined(known));
}

function judgeOrder(chain: X509Certificate[], path: string): Finding | undefined {
  for (const [index, certificate] of chain.entries()) {
    const next = chain[index + 1];
    if (!next || isIssuedBy(certificate, next)) continue;
    const names = [commonNameOf(certificate), commonNameOf(next)];
    const detail = {
      en: `in ${path} "${names[0]}" is followed by "${names[1]}", which did not sign it`,
      fr: `dans ${path} « ${names[0]} » est suivi de « ${names[1]} », qui ne l'a pas signé`,
    };
    return fail("certificates.chain", detail, HINTS.chain);
  }
  return undefined;
}

function judgeNames(own: X509Certificate, site: { name: string } | undefined): Finding {
  const id = "certificates.names";
  const names = namesOf(own);
  const common = commonNameOf(own);
  const borne = names.length > 0 ? names.join(", ") : `CN=${common}`;
  const issue = (name: string): Text => ({
    en: `have it issued with the alternative name DNS:${name}`,
    fr: `faites-le réémettre avec le nom alternatif DNS:${name}`,
  });
  if (!site)
    return skip(
      id,
      { en: `${borne}; whose it should be is not said`, fr: `${borne} ; on ne sait pas quel nom il devrait porter` },
      { en: "look at the names yourself", fr: "regardez les noms vous-même" },
    );
  if (own.checkHost(site.name, { subject: "never" })) return pass(id, same(borne));
  // OpenSSL looks at the common name where there is no DNS name at all
  if (own.checkHost(site.name, { subject: "default" }))
    return warn(
      id,
      { en: `${site.name} is its common name only`, fr: `${site.name} n'est que son nom commun` },
      issue(site.name),
    );
  return fail(id, { en: `${borne}, not ${site.name}`, fr: `${borne}, et non ${site.name}` }, issue(site.name));
}

function usagesIn(own: X509Certificate): Text {
  const { key, extended } = usagesOf(own);
  const all = [...key, ...extended];
  return all.length > 0
    ? same(all.join(", "))
    : { en: "it names no usage, which allows all", fr: "il n'indique aucun usage, ce qui les permet tous" };
}

function judgeStrength(certificates: X509Certificate[]): Finding {
  const id = "certificates.strength";
  const weak = certificates.flatMap((certificate) => {
    const weakness = weaknessOf(certificate);
    const name = commonNameOf(certificate);
    return weakness ? [{ en: `${name}: ${weakness.en}`, fr: `${name} : ${weakness.fr}` }] : [];
  });
  if (weak.length > 0)
    return fail(id, joined(weak), {
      en: "have it issued anew with RSA of 3072 bits or EC P-256, and SHA-256",
      fr: "faites-le réémettre avec RSA 3072 bits ou EC P-256, et SHA-256",
    });
  return pass(id, same(certificates.map((one) => `${commonNameOf(one)} ${keyKindOf(one)}`).join(", ")));
}
