import type { AcknowledgmentCode } from "./acknowledgment.ts";
import { modeOf, wants } from "./acknowledgment-mode.ts";
import { isKnownCharset } from "./charset.ts";
import { newControlId, timestamp } from "./control-id.ts";
import type { Delimiters, Message } from "./message.ts";
import { CONDITIONS, type Refusal } from "./refusal.ts";
import { ascii } from "./text.ts";

/** Who answers: what stands in MSH-3 and MSH-4 where the message itself does not say whom it was for. */
export interface Answerer {
  application: string;
  facility: string;
}

const HL7_DELIMITERS: Delimiters = {
  field: "|",
  component: "^",
  repetition: "~",
  escapeCharacter: "\\",
  subcomponent: "&",
};

/** The acknowledgments that a message gets, in their order, and the code of the last, or of the verdict that nobody asked for. */
export interface Acknowledgments {
  payloads: Buffer[];
  code: AcknowledgmentCode;
}

/** Writes what a message asks for in MSH-15 and MSH-16: an accept and an application acknowledgment, one, or none. */
export function acknowledgmentsOf(answerer: Answerer, message?: Message, refusal?: Refusal): Acknowledgments {
  const { accept, application } = modeOf(message);
  const codes: AcknowledgmentCode[] = [];
  const taken = refusal === undefined || refusal.byApplication === true;
  if (wants(accept, taken)) codes.push(taken ? "CA" : inEnhancedMode(refusal.code));
  // what was refused before the application saw it is told once
  if (wants(application, refusal === undefined) && (taken || codes.length === 0)) codes.push(refusal?.code ?? "AA");
  const payloads = codes.map((code) =>
    writeAcknowledgment(answerer, message, code, code === "CA" ? undefined : refusal),
  );
  return { payloads, code: codes.at(-1) ?? refusal?.code ?? "AA" };
}

const inEnhancedMode = (code: Refusal["code"]) => (code === "AE" ? "CE" : "CR");

/** Returns the payload of one acknowledgment, with the ERR segment of a refusal (HL7 v2.6 §2.9.2, §2.14.5). */
export function writeAcknowledgment(
  answerer: Answerer,
  message?: Message,
  code: AcknowledgmentCode = "AA",
  refusal?: Refusal,
): Buffer {
  const delimiters = delimitersOf(message);
  const { field, component, repetition, escapeCharacter, subcomponent } = delimiters;
  const own = (text: string) => escaped(text, delimiters);
  const event = message?.component(9, 2) ?? "";
  const header = [
    "MSH",
    component + repetition + escapeCharacter + subcomponent,
    message?.field(5) || own(answerer.application),
    message?.field(6) || own(answerer.facility),
    message?.field(3) ?? "",
    message?.field(4) ?? "",
    timestamp(),
    "",
    event === "" ? "ACK" : ["ACK", event, "ACK"].join(component),
    newControlId("ACK"),
    message?.field(11) || "T",
    message?.field(12) || own("2.5"),
    "",
    "",
    "",
    "",
    message?.field(17) ?? "",
    message && isKnownCharset(message.charset) ? message.field(18) : own("UNICODE UTF-8"),
  ];
  const segments = [header.join(field), ["MSA", code, message?.controlId ?? ""].join(field)];
  if (refusal) segments.push(errorSegment(refusal, delimiters));
  // a control ID may end with 0x1C, which its CR would turn into an end block: an empty field keeps them apart
  const whole = segments.map((segment) => (segment.endsWith("\x1c") ? `${segment}${field}\r` : `${segment}\r`));
  return Buffer.from(whole.join(""), "latin1");
}

function delimitersOf(message: Message | undefined): Delimiters {
  if (!message) return HL7_DELIMITERS;
  const declared = Object.values(message.delimiters);
  if (!declared.includes("")) return message.delimiters;
  const spare = Object.values(HL7_DELIMITERS).filter((character) => !declared.includes(character));
  // a header may declare fewer than there are: what is made up for may be none of those that it has
  const whole = Object.entries(message.delimiters).map(([name, character]) => [name, character || spare.shift()]);
  return Object.fromEntries(whole);
}

function errorSegment(refusal: Refusal, delimiters: Delimiters): string {
  const { field, component } = delimiters;
  const location = refusal.location.replaceAll("^", component);
  const condition = [refusal.condition, CONDITIONS[refusal.condition], "messageErrorCondition"].join(component);
  return ["ERR", "", location, condition, "E", "", "", "", escaped(refusal.text, delimiters)].join(field);
}

/** Replaces delimiters by their escape sequences (HL7 v2.6 §2.7); text of ours is ASCII, so that it fits every set. */
function escaped(text: string, { field, component, repetition, escapeCharacter, subcomponent }: Delimiters): string {
  const sequences = new Map([
    [escapeCharacter, "E"],
    [field, "F"],
    [component, "S"],
    [repetition, "R"],
    [subcomponent, "T"],
  ]);
  return [...ascii(text)]
    .map((character) =>
      sequences.has(character) ? `${escapeCharacter}${sequences.get(character)}${escapeCharacter}` : character,
    )
    .join("");
}
