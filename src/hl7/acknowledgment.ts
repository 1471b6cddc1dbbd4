import { reasonOf, SafeTunnelError } from "../errors.ts";
import { Message } from "./message.ts";
import { visible } from "./text.ts";

const CODES = ["AA", "AE", "AR", "CA", "CE", "CR"] as const;
export type AcknowledgmentCode = (typeof CODES)[number];

/** An acknowledgment as it was received: MSA-1, MSA-2, and in words what MSA-3 and the ERR segments say. */
export interface Acknowledgment {
  code: AcknowledgmentCode;
  controlId: string;
  details: string[];
  payload: Buffer;
}

/** Whether an acknowledgment says that the message was accepted. */
export function isAccepted({ code }: { code: string }): boolean {
  return code === "AA" || code === "CA";
}

/**
 * Reads an acknowledgment, strictly in MSA and leniently in all else, since real engines differ.
 * Throws `malformed-acknowledgment`.
 */
export function readAcknowledgment(payload: Buffer): Acknowledgment {
  const message = readHeader(payload);
  const plain = plainAcceptance(message);
  if (plain) return plain;
  // as bytes, for MSA-2 has to be the very control ID that was sent
  const fields = fieldsOf(message, message.segments());
  const msa = fields.find(([name]) => name === "MSA");
  const code = CODES.find((known) => known === msa?.[1]);
  if (!msa || !code) throw malformed(msa ? `MSA-1 is none of ${CODES.join(", ")}` : "it has no MSA segment");
  const hasWords = Boolean(msa[3]) || fields.some(([name]) => name === "ERR");
  const details = hasWords ? detailsOf(fieldsOf(message, message.text())) : [];
  return { code, controlId: msa[2] ?? "", details, payload };
}

/** Reads the usual acknowledgment, MSH and MSA without words, by itself, since a sender waits for it each time. */
function plainAcceptance({ payload, delimiters }: Message): Acknowledgment | undefined {
  const [, msa = "", rest] = payload.toString("latin1").split("\r");
  const [name, code, controlId, ...words] = msa.split(delimiters.field);
  if (name !== "MSA" || rest !== "" || words.length > 0 || controlId === undefined) return undefined;
  return code === "AA" || code === "CA" ? { code, controlId, details: [], payload } : undefined;
}

/** Engines that end segments with LF are seen: that is no reason to overlook their MSA. */
function fieldsOf({ delimiters }: Message, segments: string[]): string[][] {
  const lines = segments.some((segment) => segment.includes("\n"))
    ? segments.flatMap((segment) => segment.split("\n"))
    : segments;
  return lines.map((segment) => segment.split(delimiters.field));
}

/** Returns what MSA-3 and the ERR segments say. */
function detailsOf(words: string[][]): string[] {
  const details = words
    .filter(([name]) => name === "ERR")
    // ERR-2 is the place and ERR-3 the condition from v2.5 on; before, ERR-1 held both; ERR-5 is the application's own code
    .map((err) => [err[2] || err[1], err[3], err[5], err[8]].filter(Boolean).join(" "));
  const msa3 = words.find(([name]) => name === "MSA")?.[3];
  if (msa3) details.unshift(msa3);
  return details.map(visible);
}

function readHeader(payload: Buffer): Message {
  try {
    return Message.read(payload);
  } catch (cause) {
    throw malformed(reasonOf(cause), cause);
  }
}

function malformed(why: string, cause?: unknown): SafeTunnelError {
  return new SafeTunnelError("malformed-acknowledgment", `what came back is not an acknowledgment: ${why}`, {
    hint: "see that an HL7 listener stands behind the far tunnel, and not another service",
    cause,
  });
}
