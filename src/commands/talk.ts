import { once } from "node:events";
import { type Hello, open } from "../check/probe/probe.ts";
import type { Acknowledgment } from "../hl7/acknowledgment.ts";
import type { Message } from "../hl7/message.ts";
import { MllpClient } from "../mllp/client.ts";
import { Deadline } from "../mllp/deadline.ts";
import type { Endpoint } from "../mllp/endpoint.ts";
import { awaitAcknowledgment } from "./await-acknowledgment.ts";
import { stamp } from "./source.ts";

/** The limit of a probe message, and of what comes back. */
export const MAX_PAYLOAD_BYTES = 1024 * 1024;

/** What came of a message: its acknowledgment after so long, or why there was none. */
export type Said = { acknowledgment: Acknowledgment; ms: number } | { error: unknown };

/** A conversation that opens its connection with the first message, and anew where that has gone. */
export class Talk implements Disposable {
  readonly #open: () => Promise<MllpClient>;
  readonly #timeoutMs: number;
  #client: MllpClient | undefined;

  constructor(open: () => Promise<MllpClient>, timeoutMs: number) {
    this.#open = open;
    this.#timeoutMs = timeoutMs;
  }

  /** Sends a message under a control ID of its own, and waits for its acknowledgment. Never throws. */
  async say(template: Message): Promise<Said> {
    const message = stamp(template);
    const startedAt = performance.now();
    try {
      if (!this.#client?.open) {
        this.#client?.[Symbol.dispose]();
        this.#client = await this.#open();
      }
      this.#client.send(message.payload);
      using deadline = Deadline.start(this.#timeoutMs);
      const { acknowledgment } = await awaitAcknowledgment(this.#client, message, deadline);
      return { acknowledgment, ms: performance.now() - startedAt };
    } catch (error) {
      this[Symbol.dispose]();
      return { error };
    }
  }

  [Symbol.dispose](): void {
    this.#client?.[Symbol.dispose]();
    this.#client = undefined;
  }
}

/** Talks to a plain port. */
export const plainTalk = (tunnel: Endpoint, timeoutMs: number): Talk =>
  new Talk(() => MllpClient.connect(tunnel, Deadline.start(timeoutMs), MAX_PAYLOAD_BYTES), timeoutMs);

/** Talks over TLS of its own. */
export function tlsTalk(direct: Hello, timeoutMs: number): Talk {
  const connect = async () => {
    const socket = open(direct);
    try {
      await once(socket, "secureConnect", { signal: AbortSignal.timeout(timeoutMs) });
      return MllpClient.over(direct.endpoint, socket, MAX_PAYLOAD_BYTES);
    } catch (error) {
      socket.on("error", () => {}).destroy();
      throw error;
    }
  };
  return new Talk(connect, timeoutMs);
}
