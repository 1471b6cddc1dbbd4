import { isAccepted } from "../hl7/acknowledgment.ts";
import { factsOf, nameOf } from "../hl7/text.ts";
import type { Log } from "../log/log.ts";
import type { Exchange } from "./exchange.ts";

/** Logs an exchange in words; of the acknowledgment's text only what cannot quote the message. */
export function logExchange(log: Log, { message, acknowledgment, ignored, durationMs }: Exchange): void {
  const ms = Math.round(durationMs);
  const { code } = acknowledgment;
  const { length: sizeBytes } = message.payload;
  const accepted = isAccepted(acknowledgment);
  const facts = {
    event: accepted ? "message-acknowledged" : "message-negative",
    ...factsOf(message),
    code,
    sizeBytes,
    durationMs: ms,
  };
  const what = `sent ${nameOf(message)}, ${sizeBytes} bytes`;
  if (accepted) log.info(facts, `${what}: acknowledged ${code} in ${ms} ms`);
  else log.error(facts, `${what}: negative acknowledgment ${code} in ${ms} ms`);
  if (ignored) {
    const besides = { event: "acknowledgment-ignored", ...factsOf(message) };
    log.warn(besides, `beside the acknowledgment of ${nameOf(message)} came, and was ignored: ${ignored}`);
  }
}
