import type { Text } from "../../languages.ts";
import { type Cause, meaningsOf } from "../dictionary/dictionary.ts";
import { type Finding, fail, pass, skip } from "../finding.ts";
import { hasChosen, helloTo, type Target, wasCut } from "../probe/link.ts";
import { type ProbeEnd, probe, type Seen } from "../probe/probe.ts";
import type { FindingId } from "../questions.ts";
import { ASK_AGAIN } from "./next.ts";

/** The two ends of which one is asked: the peer's TLS port, or our own. */
export type Side = "to" | "from";

/** What a port is shown that it has to refuse. */
export const PROBES = ["no-certificate", "untrusted-root", "expired", "sibling"] as const;
export type ProbeName = (typeof PROBES)[number];

/** What a refusal of each has to be about, in the dictionary's words. */
const ABOUT: Record<ProbeName, Cause> = {
  "no-certificate": "no-certificate",
  "untrusted-root": "unknown-authority",
  expired: "expired",
  sibling: "wrong-name",
};

/** What a port lacks that accepts one of them; `whose` service it is stands before. */
const LACKS: Record<ProbeName, Text> = {
  "no-certificate": {
    en: "needs verifyChain = yes: anybody can connect",
    fr: "verifyChain = yes : n'importe qui peut se connecter",
  },
  "untrusted-root": {
    en: "needs verifyChain = yes: any certificate is taken, whoever issued it",
    fr: "verifyChain = yes : tout certificat est accepté, quel que soit l'émetteur",
  },
  expired: {
    en: "needs verifyChain = yes and sessionResume = no: dates are not looked at",
    fr: "verifyChain = yes et sessionResume = no : les dates ne sont pas regardées",
  },
  sibling: {
    en: "needs checkHost: any certificate of the authority passes for the right one",
    fr: "checkHost : tout certificat de l'autorité passe pour le bon",
  },
};

function lacking(name: ProbeName, side: Side): Text {
  const whose =
    side === "to"
      ? { en: "the peer's service", fr: "faites mettre dans le service du pair" }
      : { en: "our own service", fr: "mettez dans notre propre service" };
  return { en: `${whose.en} ${LACKS[name].en}`, fr: `${whose.fr} ${LACKS[name].fr}` };
}

/** What came of showing one of them to a port. */
export interface Probed {
  id: FindingId;
  name: ProbeName;
  side: Side;
  seen: Seen;
  /** What came of showing what is right; undefined where nobody here can show that. */
  right: Seen | undefined;
}

/** Judges what came of a probe that has to be refused, against what came of showing what is right. */
export async function judgeRefusal(probed: Probed, target: Target, holdMs?: number): Promise<Finding> {
  const { id, name, side, seen, right } = probed;
  if (seen.end === "alert") return judgeAlert(probed, target);
  if (seen.end === "open")
    return fail(
      id,
      { en: "accepted: the connection stays open", fr: "accepté : la connexion reste ouverte" },
      lacking(name, side),
    );
  if (!wasCut(seen))
    return skip(id, { en: `no answer (${said(seen.end).en})`, fr: `pas de réponse (${said(seen.end).fr})` }, ASK_AGAIN);
  // a port that cuts everybody off by now refuses nobody
  if (right?.end === "open" && (await probe(helloTo(target), holdMs)).end === "open")
    return pass(id, { en: `${said(seen.end).en} without an alert`, fr: `${said(seen.end).fr} sans alerte` });
  return skip(
    id,
    {
      en: `${said(seen.end).en} without an alert, as may happen to the right certificate`,
      fr: `${said(seen.end).fr} sans alerte, ce qui peut aussi arriver au bon certificat`,
    },
    {
      en: "have the application behind the port answer, then ask again",
      fr: "faites répondre l'application derrière le port, puis redemandez",
    },
  );
}

/** Alerts that say exactly one thing of a certificate; others are given for anything. */
const EXACT: readonly (Cause | undefined)[] = [
  "no-certificate",
  "unknown-authority",
  "expired",
  "revoked",
  "wrong-usage",
];

function judgeAlert({ id, name, side, seen, right }: Probed, { pinned }: Target): Finding {
  const { words } = seen;
  const causes = meaningsOf(words)[0]?.causes ?? ([] as Cause[]);
  // what comes before a suite is chosen is about none of our certificates
  const isLate = hasChosen(seen);
  const isAbout = isLate && causes.includes(ABOUT[name]);
  if (right?.end === "alert" && (!isAbout || words === right.words))
    return skip(
      id,
      {
        en: `refused (${words}), but so is the right certificate: that proves nothing`,
        fr: `refusé (${words}), mais le bon certificat aussi : cela ne prouve rien`,
      },
      { en: "mend mutual.accepted.to first", fr: "corrigez d'abord mutual.accepted.to" },
    );
  // our own pin refuses for one reason: that it is another certificate
  const isGeneric = isLate && ((side === "from" && pinned) || right?.end === "open") && !EXACT.includes(causes[0]);
  if (isAbout || isGeneric) return pass(id, { en: `refused: ${words}`, fr: `refusé : ${words}` });
  return skip(
    id,
    {
      en: `refused for another reason (${words}): that proves nothing here`,
      fr: `refusé pour une autre raison (${words}) : cela ne prouve rien ici`,
    },
    {
      en: "mend what it was refused for, or show one that is good in all else, then ask again",
      fr: "corrigez la cause de ce refus, ou présentez-en un bon en tout le reste, puis redemandez",
    },
  );
}

/** Says how a connection ended. */
export const said = (end: ProbeEnd): Text =>
  ({
    open: { en: "connection open", fr: "connexion ouverte" },
    alert: { en: "alert", fr: "alerte" },
    closed: { en: "connection closed", fr: "connexion fermée" },
    reset: { en: "connection reset", fr: "connexion réinitialisée" },
    "not-tls": { en: "not TLS", fr: "pas de TLS" },
    silent: { en: "silence", fr: "silence" },
    "not-offered": { en: "nothing offered", fr: "rien de proposé" },
    unreached: { en: "port not reached", fr: "port injoignable" },
  })[end];
