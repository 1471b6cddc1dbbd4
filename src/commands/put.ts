import { SafeTunnelError } from "../errors.ts";
import { traceOf } from "../hl7/claim.ts";
import type { Message } from "../hl7/message.ts";
import { factsOf, nameOf } from "../hl7/text.ts";
import type { Log, LogFacts } from "../log/log.ts";
import type { Outbox } from "../store/outbox.ts";
import { type Observer, UNWATCHED } from "../watch/observer.ts";
import { requireSendable } from "./exchange.ts";
import { stamp } from "./source.ts";
import { pauseUnlessStopped } from "./stop.ts";

export interface LoopOptions {
  outbox: Outbox;
  template: Message;
  everyMs: number;
  maxPayloadBytes: number;
  log: Log;
  stop: AbortSignal;
  observer?: Observer;
  /** Hears of each message with its number in the outbox. */
  onPut?: (id: number, message: Message) => void;
}

/** Puts a message into the outbox and returns its number there. Throws `store-failed` and what `requireSendable` throws. */
export async function putMessage(outbox: Outbox, message: Message, maxPayloadBytes: number): Promise<number> {
  requireSendable(message, maxPayloadBytes);
  return await outbox.put({ ...factsOf(message), payload: message.payload }, Date.now());
}

/** Logs that a message is in the outbox. */
export function logQueued(log: Log, message: Message, id: number): void {
  log.debug({ event: "message-queued", ...traceOf(message), id }, `queued ${nameOf(message)} as #${id}`);
}

/**
 * Puts a message into the outbox again and again, each with a control ID of its own, whatever the link does.
 * Throws what `requireSendable` throws: trying again would not help.
 */
export async function runSendLoop(options: LoopOptions): Promise<void> {
  const { outbox, template, everyMs, maxPayloadBytes, log, stop, observer = UNWATCHED, onPut } = options;
  while (!stop.aborted) {
    const putAt = performance.now();
    const message = stamp(template);
    try {
      const id = await putMessage(outbox, message, maxPayloadBytes);
      logQueued(log, message, id);
      onPut?.(id, message);
    } catch (error) {
      if (!(error instanceof SafeTunnelError) || error.code !== "store-failed") throw error;
      const facts: LogFacts = { event: "message-not-queued", ...traceOf(message), hint: error.hint };
      log.error(facts, `${nameOf(message)} was never taken: ${error.message}; ${error.hint}`);
      observer.storeFailed();
    }
    await pauseUnlessStopped(Math.max(0, everyMs - (performance.now() - putAt)), stop);
  }
}
