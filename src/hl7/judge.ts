import { isUtf8 } from "node:buffer";
import { isKnown } from "./acknowledgment-mode.ts";
import { isKnownCharset, isReadAsUtf8 } from "./charset.ts";
import type { Message } from "./message.ts";
import type { Refusal } from "./refusal.ts";

/** A message type that a site takes, and the segments without which it cannot be whole. */
export interface Taken {
  type: string;
  segments: string[];
}

/** What a site asks of a message; a site may be told to forgive a last segment without its CR. */
export interface Expectations {
  takes: Taken[];
  finalCr: "required" | "optional";
}

const PROCESSING_IDS = ["P", "T", "D"]; // HL7 table 0103
const KNOWN_VERSION = /^2(\.[1-9](\.\d)?)?$/; // HL7 table 0104

/** Returns why a site refuses a message, or undefined where it takes it. AR is for what is unsupported, AE for faults. */
export function judge(message: Message, { takes, finalCr }: Expectations): Refusal | undefined {
  const ofContent = judgeHeader(message) ?? judgeType(message, takes) ?? judgeSegments(message, takes);
  return ofContent ?? (finalCr === "required" ? judgeEnd(message) : undefined) ?? judgeText(message);
}

function judgeHeader(message: Message): Refusal | undefined {
  const missing = [9, 10, 11, 12].find((number) => message.field(number) === "");
  if (missing) {
    const why = message.hasField(missing) ? `MSH-${missing} is empty` : `the header ends before MSH-${missing}`;
    return fault(101, `MSH^1^${missing}`, why);
  }
  if (!isKnownCharset(message.charset))
    return fault(103, "MSH^1^18", `character set "${message.charset}" of MSH-18 cannot be carried or read`);
  const unknown = [15, 16].find((number) => !isKnown(message.field(number)));
  if (unknown)
    return fault(103, `MSH^1^${unknown}`, `MSH-${unknown} "${message.field(unknown)}", known are AL, NE, ER, SU`);
  const processingId = message.component(11, 1);
  if (!PROCESSING_IDS.includes(processingId))
    return unsupported(202, "MSH^1^11", `processing id "${processingId}", taken are ${PROCESSING_IDS.join(", ")}`);
  const version = message.component(12, 1);
  if (!KNOWN_VERSION.test(version)) return unsupported(203, "MSH^1^12", `version "${version}", taken is HL7 v2`);
  return undefined;
}

function judgeType(message: Message, takes: Taken[]): Refusal | undefined {
  if (takes.some(({ type }) => type === message.type)) return undefined;
  const all = takes.map(({ type }) => type);
  const sameCode = all.some((type) => type.split("^")[0] === message.component(9, 1));
  return unsupported(sameCode ? 201 : 200, "MSH^1^9", `type ${message.type}, taken are ${all.join(", ")}`);
}

function judgeSegments(message: Message, takes: Taken[]): Refusal | undefined {
  const names = message.segmentNames();
  if (names.lastIndexOf("MSH") > 0) return fault(100, "MSH^2", "a second MSH segment: send one message a frame");
  const needed = takes.find(({ type }) => type === message.type)?.segments ?? [];
  const missing = needed.find((name) => !names.includes(name));
  if (missing === undefined) return undefined;
  const lineEnd = ["\r\n", "\n"].find((bytes) => message.payload.includes(bytes));
  const why = lineEnd
    ? `segments end with ${lineEnd === "\n" ? "LF" : "CR LF"}, where HL7 wants CR alone`
    : "the message may have been cut short";
  return fault(100, `${missing}^1`, `no ${missing} segment in ${message.type}: ${why}`);
}

/** HL7 v2.6 §2.5.2 ends every segment with CR; without the last one, nothing tells a whole message from a cut one. */
function judgeEnd(message: Message): Refusal | undefined {
  if (message.payload.at(-1) === 0x0d) return undefined;
  const last = placeOf(message.segments().at(-1), 1);
  return fault(100, last, "the last segment does not end with CR: the message may have been cut short");
}

/** What is not in the set that MSH-18 declares is read as other letters, or as none, by whoever believes it. */
function judgeText(message: Message): Refusal | undefined {
  const { payload, charset, delimiters } = message;
  if (!isReadAsUtf8(charset) || isUtf8(payload)) return undefined;
  const isText = (text: string) => isUtf8(Buffer.from(text, "latin1"));
  const before = message.segments();
  const segment = before.splice(before.findIndex((one) => !isText(one)))[0] ?? "";
  const sequence = before.filter((one) => one.slice(0, 3) === segment.slice(0, 3)).length + 1;
  const field = segment.split(delimiters.field).findIndex((one) => !isText(one)) + (before.length === 0 ? 1 : 0);
  const why = `bytes that are not UTF-8, while MSH-18 is "${charset}": declare their set, such as 8859/1`;
  return fault(102, placeOf(segment, sequence, field), why);
}

/** Returns ERR-2 of a segment, or nothing where its name is none: foreign bytes could shift the fields of ERR. */
function placeOf(segment = "", ...numbers: number[]): string {
  const [name] = /^[A-Z][A-Z0-9]{2}/.exec(segment) ?? [];
  return name ? [name, ...numbers].join("^") : "";
}

const fault = (condition: Refusal["condition"], location: string, text: string): Refusal => ({
  code: "AE",
  condition,
  location,
  text,
});

const unsupported = (condition: Refusal["condition"], location: string, text: string): Refusal => ({
  ...fault(condition, location, text),
  code: "AR",
});
