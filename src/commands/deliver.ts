import { SafeTunnelError } from "../errors.ts";
import { isAccepted } from "../hl7/acknowledgment.ts";
import { type MessageFacts, traceOf } from "../hl7/claim.ts";
import { Message } from "../hl7/message.ts";
import { factsOf, nameOf } from "../hl7/text.ts";
import { tellAfterwards } from "../log/afterwards.ts";
import type { Log } from "../log/log.ts";
import { placeOf } from "../mllp/endpoint.ts";
import type { Outbox, QueuedPayload } from "../store/outbox.ts";
import { type Observer, UNWATCHED } from "../watch/observer.ts";
import { read } from "./answer.ts";
import { type Exchange, isUnsendable, type Sender } from "./exchange.ts";
import { LinkState } from "./link-state.ts";
import { logExchange } from "./log-exchange.ts";
import { bufferOver } from "./segments.ts";
import { pauseUnlessStopped } from "./stop.ts";

const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 20_000;
// other processes put messages into the outbox too, and cannot ring
const POLL_MS = 100;

/** How far a turn brought the message whose turn it was; `empty` where there was none, `again` where it has to be repeated at once. */
type Outcome = "done" | "failed" | "again" | "empty";

/** Brings what is in an outbox to the other side: in its order, one message at a time, over a connection that it keeps. */
export class Courier {
  readonly #outbox: Outbox;
  readonly #sender: Sender;
  readonly #log: Log;
  readonly #observer: Observer;
  readonly #link: LinkState;
  /** Whether the connection has brought the message before this one to its end, and is kept since. */
  #kept = false;

  constructor(outbox: Outbox, sender: Sender, log: Log, observer = UNWATCHED) {
    this.#outbox = outbox;
    this.#sender = sender;
    this.#log = log;
    this.#observer = observer;
    const peer = placeOf(sender.endpoint);
    this.#link = new LinkState(log, peer);
    sender.onOpened = () => observer.connectionOpened({ end: "sender", peer });
    sender.onEnded = () => observer.connectionEnded({ end: "sender", peer });
    sender.onIdleEnd = (error) => {
      // that is no loss, and the next exchange will tell
      if (error.code === "connection-closed") return;
      this.#link.lost(error);
      observer.linkLost({ error: error.code, reason: error.message, hint: error.hint });
    };
  }

  /** Works until the stop; an exchange in flight is finished first. */
  async run(stop: AbortSignal): Promise<void> {
    let failures = 0;
    while (!stop.aborted) {
      const ring = Promise.withResolvers<void>();
      this.#outbox.onPut = ring.resolve;
      const outcome = await this.#turn();
      if (outcome === "empty") {
        await pauseUnlessStopped(POLL_MS, stop, ring.promise);
        continue;
      }
      this.#kept = outcome === "done";
      if (outcome === "done") failures = 0;
      if (outcome === "failed") await pauseUnlessStopped(backOffMs(++failures), stop);
    }
    this.#sender[Symbol.dispose]();
  }

  async #turn(): Promise<Outcome> {
    try {
      const queued = this.#outbox.next();
      return queued ? await this.#deliver(queued) : "empty";
    } catch (error) {
      if (!(error instanceof SafeTunnelError) || error.code !== "store-failed") throw error;
      // what was acknowledged in the meantime goes again, and is recognised by the other side
      this.#log.error({ event: "store-failed", hint: error.hint }, `${error.message}; ${error.hint}`);
      this.#observer.storeFailed();
      return "failed";
    }
  }

  async #deliver(queued: QueuedPayload): Promise<Outcome> {
    const { id, tries, payload } = queued;
    let exchange: Exchange;
    try {
      exchange = await this.#sender.exchange(Message.read(bufferOver(payload)));
    } catch (error) {
      if (!(error instanceof SafeTunnelError)) throw error;
      const about = aboutOf(queued);
      this.#log.debug({ event: "exchange-failed", ...about, code: error.code, tries: tries + 1 }, error.message);
      // the exchange goes on over a new connection
      if (this.#endedInBetween(error)) return "again";
      const { code, message: reason, hint } = error;
      const sendable = !isUnsendable(error);
      this.#observer.exchangeFailed({ ...about, sendable, error: code, reason, hint, from: this.#sender.from });
      if (!sendable) return await this.#setAside(queued, about, reason);
      this.#link.lost(error);
      return await this.#failed(id, reason);
    }
    this.#link.answered();
    tellAfterwards(() => this.#tell(exchange));
    const { code, details } = exchange.acknowledgment;
    const { durationMs } = exchange;
    const reason = [code, ...details].join(", ");
    // AE is final, AR is not
    if (code.endsWith("E")) return await this.#setAside(queued, traceOf(exchange.message), reason);
    if (!isAccepted({ code })) return await this.#failed(id, reason);
    await this.#outbox.delivered(id, code, durationMs, Date.now());
    return "done";
  }

  #tell(exchange: Exchange): void {
    const { message, acknowledgment, durationMs, from } = exchange;
    const about = traceOf(message);
    logExchange(this.#log, exchange, about);
    const { code } = acknowledgment;
    this.#observer.exchanged({ ...about, code, sizeBytes: message.payload.length, durationMs, from });
  }

  /** Many engines close after each acknowledgment: what was sent at that moment goes over a new connection, once. */
  #endedInBetween({ code }: SafeTunnelError): boolean {
    return this.#kept && code === "connection-closed";
  }

  async #failed(id: number, reason: string): Promise<Outcome> {
    await this.#outbox.failed(id, reason);
    return "failed";
  }

  async #setAside(queued: QueuedPayload, about: MessageFacts, reason: string): Promise<Outcome> {
    const { id } = queued;
    // who dropped it meanwhile wants to hear no more of it
    if (!(await this.#outbox.setAside(id, reason, Date.now()))) return "done";
    const what = `${nameOf(queued)} is set aside as #${id}: "queue" says why, "queue retry ${id}" sends it again`;
    this.#log.warn({ event: "message-set-aside", ...about, id }, what);
    this.#observer.setAside({ ...about, id });
    return "done";
  }
}

/** What a log line says of what is queued, also where its header could not be read. */
const aboutOf = (queued: QueuedPayload): MessageFacts => ({
  ...traceOf(read(bufferOver(queued.payload)).message),
  ...factsOf(queued),
});

/** Returns the wait before the next try: doubled each time up to a cap, and spread, so that sites do not march in step. */
export function backOffMs(tries: number, random: () => number = Math.random): number {
  return Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** (tries - 1)) * (0.5 + random() / 2);
}
