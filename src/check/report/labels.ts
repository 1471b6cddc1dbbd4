import type { Lang, Text } from "../../languages.ts";
import { type Place, STATUSES, type Status } from "../finding.ts";
import type { Identity, Report } from "./report.ts";

/** What stands beside the word of a status, so that nobody needs its colour. */
export const SIGNS = { pass: "✓", fail: "✗", warn: "!", skip: "-" } as const satisfies Record<Status, string>;

export const STATUS_WORDS: Record<Status, Text> = {
  pass: { en: "pass", fr: "conforme" },
  fail: { en: "fail", fr: "échec" },
  warn: { en: "warn", fr: "attention" },
  skip: { en: "skip", fr: "non jugé" },
};

export const STATUS_MEANINGS: Record<Status, Text> = {
  pass: { en: "it is as it has to be", fr: "c'est comme il faut" },
  fail: {
    en: "it is not: the link must not go live like this",
    fr: "ce ne l'est pas : ne pas mettre en service ainsi",
  },
  warn: { en: "it works, and somebody has to look at it", fr: "cela fonctionne, et quelqu'un doit s'en occuper" },
  skip: {
    en: "it could not be judged, and is no part of the verdict",
    fr: "n'a pu être jugé, et ne compte pas au verdict",
  },
};

/** How a leg is, as far as it is known. */
type LegState = "works" | "stops" | "unknown";

export const LEG_STATES: Record<LegState, { sign: string; word: Text }> = {
  works: { sign: "✓", word: { en: "works", fr: "fonctionne" } },
  stops: { sign: "✗", word: { en: "does not work", fr: "ne fonctionne pas" } },
  unknown: { sign: "?", word: { en: "not known", fr: "non établi" } },
};

export const ROLES: Record<Identity["role"], Text> = {
  own: { en: "Our certificate", fr: "Notre certificat" },
  peer: { en: "The peer's certificate", fr: "Le certificat du pair" },
  authority: { en: "An authority that we believe", fr: "Une autorité que nous reconnaissons" },
};

export const LABELS = {
  hint: { en: "hint:", fr: "à faire :" },
  warning: { en: "warning:", fr: "avertissement :" },
  nextAction: { en: "Next action:", fr: "À faire :" },
  passed: { en: "Passed", fr: "Conforme" },
  failed: { en: "Failed", fr: "Non conforme" },
  nothingFailed: { en: "Nothing failed.", fr: "Rien n'est en échec." },
  somethingFailed: {
    en: "The link is not to go live as it is. What failed:",
    fr: "La liaison n'est pas à mettre en service en l'état. En échec :",
  },
  notPartOfVerdict: {
    en: "What was not judged is no part of this verdict.",
    fr: "Ce qui n'a pas été jugé n'entre pas dans ce verdict.",
  },
  legs: { en: "The legs", fr: "Les deux sens" },
  leg: { en: "Leg", fr: "Sens" },
  state: { en: "State", fr: "État" },
  seen: { en: "What was seen", fr: "Ce qui a été vu" },
  identities: { en: "Identities", fr: "Identités" },
  noIdentity: { en: "No certificate was seen.", fr: "Aucun certificat n'a été vu." },
  subject: { en: "Subject", fr: "Sujet" },
  issuer: { en: "Issuer", fr: "Émetteur" },
  names: { en: "Names", fr: "Noms" },
  none: { en: "none", fr: "aucun" },
  serial: { en: "Serial number", fr: "Numéro de série" },
  fingerprint: { en: "SHA-256 fingerprint", fr: "Empreinte SHA-256" },
  validity: { en: "Validity", fr: "Validité" },
  key: { en: "Key", fr: "Clé" },
  signedWith: { en: "signed with", fr: "signature" },
  findings: { en: "What was judged", fr: "Ce qui a été jugé" },
  status: { en: "Status", fr: "Résultat" },
  question: { en: "Question", fr: "Question" },
  notJudged: { en: "What was not judged, and why", fr: "Ce qui n'a pas été jugé, et pourquoi" },
  allJudged: { en: "Everything was judged.", fr: "Tout a été jugé." },
  why: { en: "Why", fr: "Pourquoi" },
  itTakes: { en: "What it would take", fr: "Ce qu'il faudrait" },
  howJudged: { en: "How it was judged", fr: "Comment cela a été jugé" },
  date: { en: "Date", fr: "Date" },
  duration: { en: "Duration", fr: "Durée" },
  site: { en: "Site that asked", fr: "Site qui a interrogé" },
  elsewhere: { en: "none: asked from elsewhere", fr: "aucun : interrogé d'ailleurs" },
  peer: { en: "Peer", fr: "Pair" },
  peerName: { en: "Name that the peer has to bear", fr: "Nom que le pair doit porter" },
  tool: { en: "Tool", fr: "Outil" },
  words: { en: "Words used", fr: "Mots employés" },
  signatures: { en: "Signatures", fr: "Signatures" },
  decision: { en: "Decision", fr: "Décision" },
  accepted: { en: "go live", fr: "mise en service acceptée" },
  acceptedWithReserves: { en: "go live, with reservations", fr: "acceptée avec réserves" },
  refused: { en: "do not go live", fr: "refusée" },
  role: { en: "Role", fr: "Fonction" },
  name: { en: "Name", fr: "Nom" },
  signature: { en: "Signature", fr: "Signature" },
} as const satisfies Record<string, Text>;

/** Returns what the peer is called: the name that it has to bear, or where it is. */
const peerOf = ({ peer, peerName }: Pick<Report, "peer" | "peerName">): string => peerName || peer;

/** Returns the title of a report. */
export function titleOf({ site, ...report }: Pick<Report, "site" | "peer" | "peerName">, lang: Lang): string {
  const peer = peerOf(report);
  if (lang === "fr")
    return site ? `Contrôle de la liaison entre ${site} et ${peer}` : `Contrôle de la liaison vers ${peer}`;
  return site ? `Check of the link between ${site} and ${peer}` : `Check of the link to ${peer}`;
}

/** One direction of the link, by the name that it is called. */
export interface Leg {
  direction: "to" | "from";
  name: string;
  place: Place;
  state: LegState;
}

/** Returns the legs that were judged. */
export function legsOf(report: Report, lang: Lang): Leg[] {
  const { legs } = report;
  const peer = peerOf(report);
  const [to, from] = lang === "fr" ? ["vers", "depuis"] : ["to", "from"];
  return [
    { direction: "to", name: `${to} ${peer}`, place: legs.to, state: stateOf(legs.to) },
    ...(legs.from
      ? [{ direction: "from" as const, name: `${from} ${peer}`, place: legs.from, state: stateOf(legs.from) }]
      : []),
  ];
}

const stateOf = ({ code }: Place): LegState =>
  code === "works" ? "works" : code === "nobody-came" || code === "unclear" ? "unknown" : "stops";

/** Returns what is said under a name: "to dpi: it works". */
export const headed = (name: string, sentence: string, lang: Lang): string =>
  `${name}${lang === "fr" ? " :" : ":"} ${sentence}`;

/** Says how many findings are what: "42 passed, 1 failed, 2 warnings, 6 not judged". */
export function countsText(counts: Record<Status, number>, lang: Lang): string {
  return STATUSES.map((status) => `${counts[status]} ${COUNTED[lang][status](counts[status])}`).join(", ");
}

// in French 0 is singular, in English it is not
const plural = (word: (s: string) => string) => (count: number) => word(count > 1 ? "s" : "");
const COUNTED: Record<Lang, Record<Status, (count: number) => string>> = {
  en: {
    pass: () => "passed",
    fail: () => "failed",
    warn: (count) => (count === 1 ? "warning" : "warnings"),
    skip: () => "not judged",
  },
  fr: {
    pass: plural((s) => `conforme${s}`),
    fail: plural((s) => `échec${s}`),
    warn: plural((s) => `avertissement${s}`),
    skip: plural((s) => `non jugé${s}`),
  },
};

/** Returns a duration in seconds as it is written: "3.2 s". */
export function secondsText(durationMs: number, lang: Lang): string {
  const format = new Intl.NumberFormat(lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return `${format.format(durationMs / 1000)} s`;
}

/** Returns a date and time in words, in UTC as certificates count. */
export function timeText(time: Date, lang: Lang): string {
  const format = { dateStyle: "long", timeStyle: "long", timeZone: "UTC" } as const;
  return new Intl.DateTimeFormat(lang === "fr" ? "fr-FR" : "en-GB", format).format(time);
}

/** Says from when to when a certificate lasts, and how long that still is. */
export function validityText(from: string, ends: string, daysLeft: number, lang: Lang): string {
  const days = Math.abs(daysLeft);
  if (lang === "fr") {
    const left = daysLeft < 0 ? `expiré depuis ${days} jour` : `encore ${days} jour`;
    return `du ${from} au ${ends}, ${left}${days > 1 ? "s" : ""}`;
  }
  const unit = days === 1 ? "day" : "days";
  return `${from} to ${ends}, ${daysLeft < 0 ? `ended ${days} ${unit} ago` : `${days} ${unit} left`}`;
}

/** Returns the parts of a text between which a line may end: French puts spaces inside « » and before : ; ! ?. */
export const unitsOf = (text: string): string[] => text.split(/(?<!«) (?![»:;!?](?: |$))/);
