import { reasonOf, SafeTunnelError } from "../errors.ts";
import { type Acknowledgment, readAcknowledgment } from "../hl7/acknowledgment.ts";
import type { Message } from "../hl7/message.ts";
import { nameOf, printable } from "../hl7/text.ts";
import { type Deadline, deadlineIn, MllpClient } from "../mllp/client.ts";
import { type Endpoint, placeOf } from "../mllp/endpoint.ts";
import { canBeFramed, type Received } from "../mllp/frame.ts";

/** One message and the acknowledgment that proves its delivery. */
export interface Exchange {
  message: Message;
  acknowledgment: Acknowledgment;
  durationMs: number;
}

/** The limit of an exchange where nothing else is set: beyond Stunnel's own 10 s, so that its word comes first. */
export const DEFAULT_TIMEOUT_MS = 15_000;

/** Whether an error says that a message cannot be sent at all, whatever the link does. */
export function isUnsendable({ code }: SafeTunnelError): boolean {
  return ["header-incomplete", "message-unframeable", "payload-too-large"].includes(code);
}

/** Sends messages one after another over a connection that it keeps, and opens anew after every failure. */
export class Sender {
  readonly endpoint: Endpoint;
  readonly #timeoutMs: number;
  readonly #maxPayloadBytes: number;
  #client: MllpClient | undefined;
  #busy = false;

  /** Hears when the other side ends the kept connection between two exchanges. */
  onIdleEnd: ((error: SafeTunnelError) => void) | undefined;

  constructor(endpoint: Endpoint, limits: { timeoutMs: number; maxPayloadBytes: number }) {
    this.endpoint = endpoint;
    this.#timeoutMs = limits.timeoutMs;
    this.#maxPayloadBytes = limits.maxPayloadBytes;
  }

  /**
   * Sends a message and waits for its own acknowledgment, under one time limit over connect, send and wait.
   * Throws `acknowledgment-timeout`, `malformed-acknowledgment`, `malformed-frame`, what MllpClient throws, and for
   * what is never sent `header-incomplete`, `message-unframeable`, `payload-too-large`.
   */
  async exchange(message: Message): Promise<Exchange> {
    this.#refuse(message);
    const startedAt = performance.now();
    const deadline = deadlineIn(this.#timeoutMs);
    this.#busy = true;
    try {
      const client = this.#client?.open ? this.#client : await this.#connect(deadline);
      client.send(message.payload);
      const acknowledgment = await awaitAcknowledgment(client, message, deadline);
      return { message, acknowledgment, durationMs: performance.now() - startedAt };
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
  }

  async #connect(deadline: Deadline): Promise<MllpClient> {
    this[Symbol.dispose]();
    const client = await MllpClient.connect(this.endpoint, deadline, this.#maxPayloadBytes);
    client.onEnd((error) => {
      if (this.#client === client && !this.#busy) this.onIdleEnd?.(error);
    });
    this.#client = client;
    return client;
  }

  #refuse(message: Message): void {
    if (message.controlId === "")
      throw new SafeTunnelError("header-incomplete", `a ${message.type || "message"} without MSH-10 was not sent`, {
        hint: "without a message control ID no acknowledgment can be matched: send it without --as-is to stamp one",
      });
    if (!canBeFramed(message.payload))
      throw new SafeTunnelError("message-unframeable", `${nameOf(message)} was not sent: it holds 0x0B or 0x1C 0x0D`, {
        hint: "these bytes begin and end an MLLP frame, and nothing can escape them: take them out of the message",
      });
    if (message.payload.length > this.#maxPayloadBytes)
      throw new SafeTunnelError(
        "payload-too-large",
        `${nameOf(message)} was not sent: ${message.payload.length} bytes, the limit is ${this.#maxPayloadBytes}`,
        { hint: "raise MAX_PAYLOAD_BYTES on both sites" },
      );
  }
}

async function awaitAcknowledgment(client: MllpClient, message: Message, deadline: Deadline): Promise<Acknowledgment> {
  const instead = new Instead();
  while (true) {
    const received = await receive(client, message, deadline, instead);
    if (!received)
      throw new SafeTunnelError(
        "acknowledgment-timeout",
        `no acknowledgment of ${nameOf(message)} from ${placeOf(client.endpoint)} within ${deadline.timeoutMs} ms${instead}`,
        { hint: "the far application may be slow or silent: read its log, or give a longer --timeout" },
      );
    if (received.kind === "outside") instead.outsideBytes += received.lengthBytes;
    else if (received.kind !== "payload") throw brokenFrame(client, received);
    else {
      const acknowledgment = readAcknowledgment(received.payload);
      if (acknowledgment.controlId === message.controlId) return acknowledgment;
      instead.others.push(acknowledgment);
    }
  }
}

/** What came where an acknowledgment was awaited, for the error that says so. */
class Instead {
  outsideBytes = 0;
  readonly others: Acknowledgment[] = [];

  toString(): string {
    // not their text, which may quote a patient: an error stands in logs too
    const came = this.others.slice(0, 3).map(({ code, controlId }) => `${code} for "${printable(controlId)}"`);
    if (this.others.length > came.length) came.push(`${this.others.length - came.length} more`);
    if (this.outsideBytes > 0) came.push(`${this.outsideBytes} bytes outside a frame`);
    return came.length > 0 ? `; what came instead: ${came.join("; ")}` : "";
  }
}

async function receive(client: MllpClient, message: Message, deadline: Deadline, instead: Instead) {
  try {
    return await client.receive(deadline);
  } catch (cause) {
    if (!(cause instanceof SafeTunnelError)) throw cause;
    const what = `no acknowledgment of ${nameOf(message)}: ${reasonOf(cause)}${instead}`;
    const answered = `${instead}` !== "";
    const hint = answered ? "the far application answered, but not to this message: read its log" : cause.hint;
    throw new SafeTunnelError(cause.code, what, { hint, cause });
  }
}

function brokenFrame(
  client: MllpClient,
  received: Exclude<Received, { kind: "payload" | "outside" }>,
): SafeTunnelError {
  const how =
    received.kind === "too-large"
      ? `is larger than ${received.limitBytes} bytes`
      : `was not finished after ${received.lengthBytes} bytes`;
  return new SafeTunnelError(
    "malformed-frame",
    `the frame from ${placeOf(client.endpoint)} that begins at byte ${received.atByte} ${how}`,
    { hint: "an acknowledgment is one frame, 0x0B payload 0x1C 0x0D: see the far application's MLLP settings" },
  );
}
