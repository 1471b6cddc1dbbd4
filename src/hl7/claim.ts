import { hash } from "node:crypto";
import type { Message } from "./message.ts";
import { factsOf } from "./text.ts";

/** How many hexadecimal digits a trace ID of W3C Trace Context and OpenTelemetry has. */
const TRACE_ID_DIGITS = 32;

/** Returns what makes a message the same as another: its control ID and its sender, MSH-3 and MSH-4; none without an ID. */
export function claimOf(message: Message | undefined): Buffer | undefined {
  if (!message?.controlId) return undefined;
  return Buffer.from([message.controlId, message.field(3), message.field(4)].join("\r"), "latin1");
}

/** Returns the trace ID of a message by its claim: both ends derive the same one, and the message carries none. */
export function traceIdOf(claim: Uint8Array | undefined): string | undefined {
  return claim && hash("sha256", claim, "hex").slice(0, TRACE_ID_DIGITS);
}

/** What a log line and a record say of a message: nothing of its content. */
export interface MessageFacts {
  type: string;
  controlId: string;
  /** The same at both ends and for each repeat; none where the message has no control ID. */
  traceId?: string | undefined;
}

/** Returns what a log line says of a message, with the value that follows it from end to end. */
export function traceOf(message: Message | undefined, claim = claimOf(message)): MessageFacts {
  return { ...factsOf(message), traceId: traceIdOf(claim) };
}
