import { isAccepted } from "../hl7/acknowledgment.ts";
import type { MessageFacts } from "../hl7/claim.ts";
import { nameOf } from "../hl7/text.ts";
import type { Log, LogFacts } from "../log/log.ts";
import type { Exchange } from "./exchange.ts";

/** Logs an exchange in words; of the acknowledgment's text only what cannot quote the message. */
export function logExchange(log: Log, exchange: Exchange, about: MessageFacts): void {
  const { message, acknowledgment, ignored, durationMs } = exchange;
  const ms = Math.round(durationMs);
  const { code } = acknowledgment;
  const { length: sizeBytes } = message.payload;
  const accepted = isAccepted(acknowledgment);
  const facts: LogFacts = {
    event: accepted ? "message-acknowledged" : "message-negative",
    ...about,
    code,
    sizeBytes,
    durationMs: ms,
  };
  const what = `sent ${nameOf(message)}, ${sizeBytes} bytes`;
  if (accepted) log.info(facts, `${what}: acknowledged ${code} in ${ms} ms`);
  else log.error(facts, `${what}: negative acknowledgment ${code} in ${ms} ms`);
  if (ignored) {
    log.warn(
      { event: "acknowledgment-ignored", ...about },
      `beside the acknowledgment of ${nameOf(message)} came, and was ignored: ${ignored}`,
    );
  }
}
