import { joined, type Lang, type Text } from "../../languages.ts";
import type { Meaning } from "./dictionary.ts";
import { type Cause, meaningsOf } from "./dictionary.ts";

/** What each cause is called. */
const CAUSES: Record<Cause, Text> = {
  "no-certificate": { en: "no certificate was shown", fr: "aucun certificat n'a été présenté" },
  "unknown-authority": { en: "an authority that is not believed", fr: "une autorité qui n'est pas reconnue" },
  "incomplete-chain": {
    en: "an intermediate certificate that is not sent",
    fr: "un certificat intermédiaire non envoyé",
  },
  "self-signed": { en: "a self-signed certificate", fr: "un certificat autosigné" },
  expired: { en: "an expired certificate", fr: "un certificat expiré" },
  "not-yet-valid": { en: "a certificate that is not valid yet", fr: "un certificat pas encore valide" },
  "wrong-name": { en: "another name than the one expected", fr: "un autre nom que celui attendu" },
  "wrong-usage": { en: "a certificate for another use", fr: "un certificat fait pour un autre usage" },
  revoked: { en: "a revoked certificate", fr: "un certificat révoqué" },
  "crl-expired": { en: "an expired CRL, with a good certificate", fr: "une CRL expirée, avec un bon certificat" },
  "crl-not-yet-valid": { en: "a CRL that is not valid yet", fr: "une CRL pas encore valide" },
  "no-crl": { en: "no CRL of the authority", fr: "pas de CRL de l'autorité" },
  "weak-key": { en: "a key that is too short", fr: "une clé trop courte" },
  "weak-signature": { en: "a signature that is too weak", fr: "une signature trop faible" },
  "bad-signature": { en: "a signature of another key", fr: "une signature d'une autre clé" },
  "certificate-refused": { en: "a certificate was refused", fr: "un certificat a été refusé" },
  "no-common-version": { en: "no TLS version in common", fr: "aucune version de TLS en commun" },
  "no-common-suite": { en: "no cipher suite in common", fr: "aucune suite en commun" },
  "not-tls": { en: "an end that does not speak TLS", fr: "un bout qui ne parle pas TLS" },
  silent: { en: "an end that says nothing", fr: "un bout qui ne dit rien" },
  cut: { en: "a connection that was cut", fr: "une connexion coupée" },
  "port-closed": { en: "a port on which nothing listens", fr: "un port que rien n'écoute" },
  "application-down": { en: "an application that does not listen", fr: "une application qui n'écoute pas" },
  unreachable: { en: "a machine that cannot be reached", fr: "une machine hors d'atteinte" },
  "name-not-resolved": { en: "a name without address", fr: "un nom sans adresse" },
  "own-files": { en: "a file of this Stunnel", fr: "un fichier de ce Stunnel" },
  "key-mismatch": { en: "a key of another certificate", fr: "la clé d'un autre certificat" },
  "port-taken": { en: "a port that is taken", fr: "un port déjà pris" },
  configuration: { en: "a line of stunnel.conf", fr: "une ligne de stunnel.conf" },
  "peer-unchecked": { en: "a certificate that nobody checks", fr: "un certificat que personne ne vérifie" },
  "name-unchecked": { en: "a name that nobody checks", fr: "un nom que personne ne vérifie" },
  "no-proof": { en: "no proof of delivery", fr: "aucune preuve de livraison" },
  harmless: { en: "nothing wrong", fr: "rien d'anormal" },
};

const LABELS = {
  said: { en: "said", fr: "message" },
  refused: { en: "refused", fr: "refus" },
  means: { en: "means", fr: "signifie" },
  maybe: { en: "may be", fr: "peut-être" },
  next: { en: "next", fr: "ensuite" },
} as const satisfies Record<string, Text>;

const WHO = {
  here: { en: "the side of this line refused the far side", fr: "le côté de cette ligne a refusé l'autre" },
  far: { en: "the far side refused the side of this line", fr: "l'autre côté a refusé celui de cette ligne" },
  nobody: { en: "nobody", fr: "personne" },
} as const satisfies Record<string, Text>;

/** Says what a meaning is in one language, a label and a sentence a row. */
export function rowsOf({ said, refusedBy, causes, plain, next }: Meaning, lang: Lang): [string, string][] {
  const maybe = joined(causes.map((cause) => CAUSES[cause]))[lang];
  return [
    [LABELS.said[lang], said],
    [LABELS.refused[lang], WHO[refusedBy ?? "nobody"][lang]],
    [LABELS.means[lang], plain[lang]],
    ...(causes.length > 1 ? [[LABELS.maybe[lang], maybe] as [string, string]] : []),
    [LABELS.next[lang], next[lang]],
  ];
}

/** What is known of some lines, each meaning once however often it comes, with how many lines say nothing known. */
export function explainLines(lines: string[]): { known: Meaning[]; unknown: number } {
  const found = lines.filter((line) => line.trim() !== "").map(meaningsOf);
  const known = new Map(found.flat().map((meaning) => [`${meaning.said}\n${meaning.plain.en}`, meaning]));
  // who refused is what is looked for, and not what is never wrong
  const telling = ({ refusedBy, causes: [cause] }: Meaning) =>
    refusedBy ? 0 : cause === "harmless" || cause === "no-proof" ? 2 : 1;
  const sorted = [...known.values()].toSorted((one, other) => telling(one) - telling(other));
  return { known: sorted, unknown: found.filter((meanings) => meanings.length === 0).length };
}
