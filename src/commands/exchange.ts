import { type ErrorCode, SafeTunnelError } from "../errors.ts";
import type { Acknowledgment } from "../hl7/acknowledgment.ts";
import { lastAsked, modeOf } from "../hl7/acknowledgment-mode.ts";
import type { Message } from "../hl7/message.ts";
import { nameOf } from "../hl7/text.ts";
import { MllpClient } from "../mllp/client.ts";
import { Deadline } from "../mllp/deadline.ts";
import type { Endpoint } from "../mllp/endpoint.ts";
import { canBeFramed } from "../mllp/frame.ts";
import { awaitAcknowledgment } from "./await-acknowledgment.ts";

/** One message and the acknowledgment that proves its delivery. */
export interface Exchange {
  message: Message;
  acknowledgment: Acknowledgment;
  /** What came beside it and was for no message that waits, in words; empty where nothing did. */
  ignored: string;
  durationMs: number;
  /** The near end of the connection that it went over, as host:port. */
  from?: string | undefined;
}

/** The limit of an exchange where nothing else is set: beyond Stunnel's own 10 s, so that its word comes first. */
export const DEFAULT_TIMEOUT_MS = 15_000;

const UNSENDABLE: ErrorCode[] = [
  "no-header",
  "header-incomplete",
  "message-unframeable",
  "acknowledgment-unasked",
  "payload-too-large",
];

/** The limits of an exchange; where the slowest link that is reckoned with is named, size lengthens the time. */
export interface SenderLimits {
  timeoutMs: number;
  maxPayloadBytes: number;
  leastBytesPerSecond?: number;
}

/** The slowest link that a site's own sender reckons with, 256 kbit/s: a silent peer is found out later for it. */
export const LEAST_BYTES_PER_SECOND = 32 * 1024;

/** Whether an error says that a message cannot be sent at all, whatever the link does. */
export function isUnsendable({ code }: SafeTunnelError): boolean {
  return UNSENDABLE.includes(code);
}

/** Sends messages one after another over a connection that it keeps, and opens anew after every failure. */
export class Sender {
  readonly endpoint: Endpoint;
  readonly #timeoutMs: number;
  readonly #maxPayloadBytes: number;
  readonly #leastBytesPerSecond: number;
  #client: MllpClient | undefined;
  #lastControlId: string | undefined;
  #busy = false;
  #from: string | undefined;

  /** Hears when the other side ends the kept connection between two exchanges. */
  onIdleEnd: ((error: SafeTunnelError) => void) | undefined;
  /** Hear of each connection when it stands, and once when it has ended, whoever ended it. */
  onOpened: () => void = () => {};
  onEnded: () => void = () => {};
  #tellsEnd = false;

  constructor(endpoint: Endpoint, limits: SenderLimits) {
    this.endpoint = endpoint;
    this.#leastBytesPerSecond = limits.leastBytesPerSecond ?? Number.POSITIVE_INFINITY;
    this.#timeoutMs = limits.timeoutMs;
    this.#maxPayloadBytes = limits.maxPayloadBytes;
  }

  /** The near end of the connection that the last exchange went over, as host:port; undefined where it had none. */
  get from(): string | undefined {
    return this.#from;
  }

  /**
   * Sends a message and waits for its own acknowledgment, under one time limit over connect, send and wait.
   * Throws `acknowledgment-timeout`, `malformed-acknowledgment`, `malformed-frame`, what MllpClient throws, and for
   * what is never sent what `requireSendable` throws.
   */
  async exchange(message: Message): Promise<Exchange> {
    this.#from = undefined;
    requireSendable(message, this.#maxPayloadBytes);
    const startedAt = performance.now();
    const forSizeMs = (message.payload.length * 1000) / this.#leastBytesPerSecond;
    using deadline = Deadline.start(Math.round(this.#timeoutMs + forSizeMs));
    this.#busy = true;
    try {
      // what its try before has brought twice must not be taken for what this one brings
      const isTriedAgain = message.controlId === this.#lastControlId;
      const client = this.#client?.open && !isTriedAgain ? this.#client : await this.#connect(deadline);
      this.#lastControlId = message.controlId;
      this.#from = client.from;
      client.send(message.payload);
      const awaited = await awaitAcknowledgment(client, message, deadline);
      return { message, ...awaited, durationMs: performance.now() - startedAt, from: client.from };
    } catch (error) {
      // what comes late on this connection must never be taken for the acknowledgment of the next message
      this[Symbol.dispose]();
      throw error;
    } finally {
      this.#busy = false;
    }
  }

  [Symbol.dispose](): void {
    this.#client?.[Symbol.dispose]();
    this.#client = undefined;
    this.#tellEnd();
  }

  #tellEnd(): void {
    if (this.#tellsEnd) this.onEnded();
    this.#tellsEnd = false;
  }

  async #connect(deadline: Deadline): Promise<MllpClient> {
    this[Symbol.dispose]();
    const client = await MllpClient.connect(this.endpoint, deadline, this.#maxPayloadBytes);
    client.onEnd((error) => {
      if (this.#client !== client) return;
      this.#tellEnd();
      if (!this.#busy) this.onIdleEnd?.(error);
    });
    this.#client = client;
    this.#tellsEnd = true;
    this.onOpened();
    return client;
  }
}

/**
 * Lets pass only what can be sent and acknowledged.
 * Throws `header-incomplete`, `message-unframeable`, `acknowledgment-unasked`, `payload-too-large`.
 */
export function requireSendable(message: Message, maxPayloadBytes: number): void {
  if (message.controlId === "")
    throw new SafeTunnelError("header-incomplete", `a ${message.type || "message"} without MSH-10 was not sent`, {
      hint: "without a message control ID no acknowledgment can be matched: send it without --as-is to stamp one",
    });
  if (!canBeFramed(message.payload))
    throw new SafeTunnelError("message-unframeable", `${nameOf(message)} was not sent: it holds 0x0B or 0x1C 0x0D`, {
      hint: "these bytes begin and end an MLLP frame, and nothing can escape them: take them out of the message",
    });
  if (lastAsked(modeOf(message)) === undefined)
    throw new SafeTunnelError(
      "acknowledgment-unasked",
      `${nameOf(message)} was not sent: MSH-15 and MSH-16 ask for no acknowledgment of a success`,
      { hint: "without one nobody could say that it arrived: write AL into one of them, or leave both empty" },
    );
  if (message.payload.length > maxPayloadBytes)
    throw new SafeTunnelError(
      "payload-too-large",
      `${nameOf(message)} was not sent: ${message.payload.length} bytes, the limit is ${maxPayloadBytes}`,
      { hint: "raise MAX_PAYLOAD_BYTES on both sites" },
    );
}
