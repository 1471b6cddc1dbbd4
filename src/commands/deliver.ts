import { reasonOf, SafeTunnelError } from "../errors.ts";
import { isAccepted } from "../hl7/acknowledgment.ts";
import type { Message } from "../hl7/message.ts";
import { factsOf, nameOf } from "../hl7/text.ts";
import type { Log } from "../log.ts";
import { placeOf } from "../mllp/endpoint.ts";
import { type Exchange, isUnsendable, type Sender } from "./exchange.ts";
import { stamp } from "./source.ts";
import { pauseUnlessStopped } from "./stop.ts";

export interface SendLoopOptions {
  sender: Sender;
  template: Message;
  everyMs: number;
  log: Log;
  /** Ends the loop; an exchange in flight is finished first. */
  stop: AbortSignal;
}

const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 20_000;

/**
 * Sends a message again and again, each with a control ID of its own, and keeps one until it is acknowledged.
 * Throws `header-incomplete`, `message-unframeable`, `payload-too-large`: trying again would not help.
 */
export async function runSendLoop(options: SendLoopOptions): Promise<void> {
  const { sender, template, everyMs, stop } = options;
  const link = new LinkState(options.log, placeOf(sender.endpoint));
  sender.onIdleEnd = (error) => {
    // many engines close after each acknowledgment: that is no loss, and the next exchange will tell
    if (error.code !== "connection-closed") link.lost(error);
  };
  while (!stop.aborted) {
    const sentAt = performance.now();
    await deliver(stamp(template), options, link);
    await pauseUnlessStopped(Math.max(0, everyMs - (performance.now() - sentAt)), stop);
  }
  sender[Symbol.dispose]();
}

/** Tries until the far side takes the message or refuses its content: AE is final, AR and silence are not. */
async function deliver(message: Message, { sender, log, stop }: SendLoopOptions, link: LinkState): Promise<void> {
  for (let tries = 1; !stop.aborted; tries += 1) {
    try {
      const exchange = await sender.exchange(message);
      link.answered();
      logExchange(log, exchange);
      if (!exchange.acknowledgment.code.endsWith("R")) return;
    } catch (error) {
      if (!(error instanceof SafeTunnelError) || isUnsendable(error)) throw error;
      log.debug({ event: "exchange-failed", ...factsOf(message), code: error.code, tries }, error.message);
      link.lost(error);
    }
    await pauseUnlessStopped(backOffMs(tries), stop);
  }
  log.warn({ event: "message-kept", ...factsOf(message) }, `${nameOf(message)}: not delivered before the stop`);
}

/** Returns the wait before the next try: doubled each time up to a cap, and spread, so that sites do not march in step. */
export function backOffMs(tries: number, random: () => number = Math.random): number {
  return Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** (tries - 1)) * (0.5 + random() / 2);
}

/** Logs an exchange in words; of the acknowledgment's text only what cannot quote the message. */
export function logExchange(log: Log, { message, acknowledgment, durationMs }: Exchange): void {
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
}

/** Says when a link goes and when it comes back, once each. */
class LinkState {
  readonly #log: Log;
  readonly #place: string;
  #downSinceMs: number | undefined;
  #everUp = false;

  constructor(log: Log, place: string) {
    this.#log = log;
    this.#place = place;
  }

  lost(error: SafeTunnelError): void {
    if (this.#downSinceMs !== undefined) return;
    this.#downSinceMs = performance.now();
    const facts = { event: "link-lost", code: error.code, hint: error.hint };
    const what = this.#everUp ? "lost" : "not up yet";
    this.#log.warn(facts, `link through ${this.#place} ${what}: ${reasonOf(error)} (hint: ${error.hint})`);
  }

  answered(): void {
    const first = !this.#everUp;
    this.#everUp = true;
    if (this.#downSinceMs === undefined) return;
    const downMs = Math.round(performance.now() - this.#downSinceMs);
    this.#downSinceMs = undefined;
    this.#log.info(
      { event: "link-back", downMs },
      `link through ${this.#place} is ${first ? "up" : "back"} after ${downMs} ms`,
    );
  }
}
