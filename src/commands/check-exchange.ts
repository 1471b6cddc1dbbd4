import { type Finding, fail, pass, skip, warn } from "../check/finding.ts";
import type { ExchangeFault } from "../check/place/place-to.ts";
import type { Hello } from "../check/probe/probe.ts";
import { type ErrorCode, reasonOf, SafeTunnelError } from "../errors.ts";
import { type Acknowledgment, isAccepted } from "../hl7/acknowledgment.ts";
import { Message } from "../hl7/message.ts";
import { CONDITIONS } from "../hl7/refusal.ts";
import { same, type Text } from "../languages.ts";
import type { Endpoint } from "../mllp/endpoint.ts";
import { plainTalk, type Said, type Talk, tlsTalk } from "./talk.ts";

/** A message for the peer's application, and the two ways on which it is brought there. */
export interface ExchangeProbe {
  message: Message;
  /** The plain port of our own tunnel; undefined where there is none. */
  tunnel: Endpoint | undefined;
  /** TLS of our own, past our Stunnel; undefined where we have nothing to show there. */
  direct: Hello | undefined;
  timeoutMs: number;
}

/** What came of the exchanges, and what they say of the place where the leg stops. */
export interface ExchangeJudged {
  findings: Finding[];
  fault?: { fault: ExchangeFault; detail: Text };
  /** Whether the connection was ended under the message: the application may be down, or do just that. */
  wasCut?: true;
}

/** Beyond it a person waits, and a queue grows. */
const SLOW_MS = 2000;
/** A type that HL7 has not. */
const UNKNOWN_TYPE = "ZZZ^Z99";

/** Has five messages acknowledged: two and a wrong one through the tunnel, two past it. Without a tunnel all go directly. */
export async function judgeExchange(probe: ExchangeProbe): Promise<ExchangeJudged> {
  const { message, tunnel, timeoutMs } = probe;
  const past = probe.direct && tlsTalk(probe.direct, timeoutMs);
  using talk = tunnel ? plainTalk(tunnel, timeoutMs) : past;
  if (!talk) throw new Error("neither a tunnel nor a way past it");
  const first = await talk.say(message);
  if ("error" in first) return unacknowledged(first.error, timeoutMs);
  const again = await talk.say(message);
  const wrong = await talk.say(message.withHeader({ 9: UNKNOWN_TYPE }));
  const direct = tunnel ? past && (await roundTrip(past, message)) : again;
  const findings = [
    judgeAcknowledged(first),
    judgeNegative(wrong, first.acknowledgment),
    judgeRoundTrip(tunnel ? again : undefined, direct),
  ];
  if (isAccepted(first.acknowledgment)) return { findings };
  return { findings, fault: { fault: "application-negative", detail: same(wordsOf(first.acknowledgment)) } };
}

/** Says of each question of the group why it was not asked. */
export function notExchanged(why: Text, hint: Text): ExchangeJudged {
  const ids = ["exchange.acknowledged", "exchange.negative", "exchange.round-trip"] as const;
  return { findings: ids.map((id) => skip(id, why, hint)) };
}

/** The first message opens the connection, and the second is measured. */
async function roundTrip(talk: Talk, message: Message): Promise<Said> {
  using _ = talk;
  const first = await talk.say(message);
  return "error" in first ? first : await talk.say(message);
}

function unacknowledged(error: unknown, timeoutMs: number): ExchangeJudged {
  const hint = { en: "have the peer's application looked at", fr: "faites vérifier l'application du pair" };
  const why = { en: "no message was acknowledged", fr: "aucun message n'a été acquitté" };
  const code = error instanceof SafeTunnelError ? error.code : undefined;
  const wasCut = code === "connection-closed" || code === "connection-reset";
  const detail = (code && WITHOUT[code]?.(timeoutMs / 1000)) ?? same(reasonOf(error));
  // what came may quote a patient: that something came is enough
  const other = /what came instead/.test(reasonOf(error)) ? OTHER : { en: "", fr: "" };
  const said = { en: detail.en + other.en, fr: detail.fr + other.fr };
  return {
    findings: [
      fail("exchange.acknowledged", said, hint),
      skip("exchange.negative", why, hint),
      skip("exchange.round-trip", why, hint),
    ],
    fault: { fault: "application-silent", detail: said },
    ...(wasCut && other.en === "" && { wasCut }),
  };
}

const OTHER: Text = {
  en: ", and something that is not its acknowledgment",
  fr: ", et autre chose que son acquittement",
};
const CUT = (): Text => ({ en: "it ends the connection instead", fr: "elle coupe la connexion au lieu d'acquitter" });
const NO_ACKNOWLEDGMENT = (): Text => ({
  en: "what came back is no acknowledgment of it",
  fr: "ce qui est revenu n'est pas son acquittement",
});
/** The errors of an exchange in words; of any other the text is its own. */
const WITHOUT: Partial<Record<ErrorCode, (limitSeconds: number) => Text>> = {
  "acknowledgment-timeout": (seconds) => ({ en: `nothing within ${seconds} s`, fr: `rien en ${seconds} s` }),
  "connection-closed": CUT,
  "connection-reset": CUT,
  "malformed-acknowledgment": NO_ACKNOWLEDGMENT,
  "malformed-frame": NO_ACKNOWLEDGMENT,
};

function judgeAcknowledged({ acknowledgment, ms }: Extract<Said, { ms: number }>): Finding {
  const id = "exchange.acknowledged";
  const { controlId } = acknowledgment;
  const words = wordsOf(acknowledgment);
  const what = {
    en: `${words} for ${controlId} in ${Math.round(ms)} ms, connection included`,
    fr: `${words} pour ${controlId} en ${Math.round(ms)} ms, connexion comprise`,
  };
  if (isAccepted(acknowledgment)) return pass(id, what);
  return fail(id, what, {
    en: 'see what its ERR segment says: "send --segments"; is it a message that the peer takes (--message)?',
    fr: "voyez ce que dit son segment ERR : « send --segments » ; est-ce un message que le pair accepte (--message) ?",
  });
}

function judgeNegative(said: Said, right: Acknowledgment): Finding {
  const id = "exchange.negative";
  const hint = {
    en: `have the peer's application refuse what it does not take, or a lost message looks delivered`,
    fr: `faites refuser par l'application du pair ce qu'elle n'accepte pas, sinon un message perdu semble livré`,
  };
  const sent = { en: `a message of the type ${UNKNOWN_TYPE}`, fr: `un message du type ${UNKNOWN_TYPE}` };
  if ("error" in said) {
    const what = {
      en: `${sent.en} was not acknowledged at all`,
      fr: `${sent.fr} est resté sans aucun acquittement`,
    };
    return warn(id, what, hint);
  }
  const words = wordsOf(said.acknowledgment);
  const what = { en: `${words} for ${sent.en}`, fr: `${words} pour ${sent.fr}` };
  if (isAccepted(said.acknowledgment)) return fail(id, what, hint);
  if (isAccepted(right)) return pass(id, what);
  return skip(
    id,
    {
      en: `${what.en}, as for the right one: that proves nothing`,
      fr: `${what.fr}, comme pour le bon : cela ne prouve rien`,
    },
    { en: "mend exchange.acknowledged first", fr: "corrigez d'abord exchange.acknowledged" },
  );
}

function judgeRoundTrip(through: Said | undefined, direct: Said | undefined): Finding {
  const id = "exchange.round-trip";
  const shown = (said: Said, way: Text): Text => {
    const ms = "error" in said ? "-" : `${said.ms.toFixed(1)} ms`;
    return { en: `${ms} ${way.en}`, fr: `${ms.replace(".", ",")} ${way.fr}` };
  };
  const parts = [
    ...(through ? [shown(through, { en: "through the tunnel", fr: "par le tunnel" })] : []),
    ...(direct ? [shown(direct, { en: "directly", fr: "en direct" })] : []),
  ];
  const what = { en: parts.map(({ en }) => en).join(", "), fr: parts.map(({ fr }) => fr).join(", ") };
  const slow = [through, direct].some((said) => said && ("error" in said || said.ms > SLOW_MS));
  if (!slow) return pass(id, what);
  return warn(id, what, {
    en: `more than ${SLOW_MS} ms, or none: see whether the network or the application takes the time`,
    fr: `plus de ${SLOW_MS} ms, ou rien : voyez si c'est le réseau ou l'application qui prend ce temps`,
  });
}

/** The code and the conditions of table 0357, and nothing that could quote a patient. */
function wordsOf({ code, payload }: Acknowledgment): string {
  const message = Message.read(payload);
  const { field, component, subcomponent } = message.delimiters;
  const conditions = message.text().flatMap((segment) => {
    const [name, err1 = "", , err3 = ""] = segment.split(field);
    // ERR-3 is the condition from v2.5 on; before, it was the fourth component of ERR-1
    const condition = err3.split(component)[0] || err1.split(component)[3]?.split(subcomponent)[0];
    return name === "ERR" && condition !== undefined && condition in CONDITIONS ? [condition] : [];
  });
  return [code, ...new Set(conditions)].join(" ");
}
