import type { Message } from "./message.ts";

/** HL7 table 0155: when an acknowledgment is wanted; always, never, on an error only, on success only. */
const CONDITIONS = ["AL", "NE", "ER", "SU"] as const;
type Condition = (typeof CONDITIONS)[number];

/** What MSH-15 and MSH-16 ask for (HL7 v2.6 §2.9.2 and §2.9.3). */
export interface AcknowledgmentMode {
  accept: Condition;
  application: Condition;
}

const ORIGINAL: AcknowledgmentMode = { accept: "NE", application: "AL" };

/** Returns what a message asks for: original mode where both fields are empty; else an empty one asks for nothing. */
export function modeOf(message: Message | undefined): AcknowledgmentMode {
  const [accept, application] = [message?.field(15) ?? "", message?.field(16) ?? ""];
  // a value that nobody knows is refused, and a refusal has to be heard
  if (accept + application === "" || !isKnown(accept) || !isKnown(application)) return ORIGINAL;
  return { accept: accept || "NE", application: application || "NE" };
}

/** Whether table 0155 has a value; empty is one. */
export function isKnown(value: string): value is Condition | "" {
  return value === "" || CONDITIONS.some((condition) => condition === value);
}

/** Whether a condition wants an acknowledgment of success, or of an error. */
export function wants(condition: Condition, success: boolean): boolean {
  return condition === "AL" || condition === (success ? "SU" : "ER");
}

/** Which acknowledgment ends the exchange of a message that is accepted, or undefined where none is asked for. */
export function lastAsked({ accept, application }: AcknowledgmentMode): "application" | "accept" | undefined {
  // with SU a refusal is silence, for which nobody can wait who was told that the message is taken
  if (application === "AL" || (application === "SU" && !wants(accept, true))) return "application";
  return wants(accept, true) ? "accept" : undefined;
}
