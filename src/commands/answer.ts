import { SafeTunnelError } from "../errors.ts";
import { Message } from "../hl7/message.ts";
import type { Refusal } from "../hl7/refusal.ts";
import { acknowledgmentsOf } from "../hl7/write-acknowledgment.ts";
import { frame } from "../mllp/frame.ts";
import type { Answer } from "../mllp/server-connection.ts";
import type { SiteFacts } from "../site/facts.ts";

/** How a payload is named of which not even the header could be read. */
export const NO_HEADER = "a payload without header";

/** Returns the code of what a message is answered with, and all of that as it leaves, frame behind frame. */
export function answerTo(site: SiteFacts, message: Message | undefined, refusal: Refusal | undefined) {
  const { payloads, code } = acknowledgmentsOf(site, message, refusal);
  return { code, answer: Buffer.concat(payloads.map(frame)) };
}

/** Returns frames for a connection, or undefined where there are none to be sent. */
export const sending = (bytes: Buffer): Answer | undefined => (bytes.length > 0 ? { bytes } : undefined);

/** Reads a payload, or says what it is refused for. */
export function read(payload: Buffer): { message?: Message; refusal?: Refusal } {
  try {
    return { message: Message.read(payload) };
  } catch (error) {
    if (!(error instanceof SafeTunnelError)) throw error;
    return { refusal: { code: "AE", condition: 100, location: "MSH^1", text: error.message } };
  }
}
