import { reasonOf, SafeTunnelError } from "../errors.ts";
import { type Refusal, writeAcknowledgment } from "../hl7/acknowledgment.ts";
import { judge } from "../hl7/judge.ts";
import { Message } from "../hl7/message.ts";
import { printable } from "../hl7/text.ts";
import type { Log } from "../log.ts";
import type { Received } from "../mllp/frame.ts";
import type { Connection, MllpServerOptions } from "../mllp/server.ts";
import type { Settings } from "../settings.ts";
import type { SiteFacts } from "../site/facts.ts";
import type { Journal } from "../store/journal.ts";
import { nameOf } from "./exchange.ts";

/** Answers what a listener receives: judged, stored, and only then acknowledged. */
export class Receiver {
  readonly #site: SiteFacts;
  readonly #finalCr: Settings["finalCr"];
  readonly #journal: Journal;
  readonly #log: Log;

  constructor({ site, finalCr }: Pick<Settings, "site" | "finalCr">, journal: Journal, log: Log) {
    this.#site = site;
    this.#finalCr = finalCr;
    this.#journal = journal;
    this.#log = log;
  }

  /** Returns what an MllpServer calls. */
  handlers(): Pick<MllpServerOptions, "answer" | "onBroken" | "onUnsent"> {
    return {
      answer: (received, connection) => this.answer(received, connection),
      onUnsent: (received, { peer }) => this.#unsent(received, peer),
      onBroken: ({ peer }, reason) =>
        this.#log.warn({ event: "connection-broken", peer, reason }, `connection from ${peer} broke: ${reason}`),
    };
  }

  /** Returns the acknowledgment of what a connection brought, or undefined where there is nothing to acknowledge. */
  async answer(received: Received, { peer }: Connection): Promise<Buffer | undefined> {
    const { atByte } = received;
    switch (received.kind) {
      case "payload":
        return this.#payload(received.payload, peer);
      case "outside": {
        const { lengthBytes } = received;
        const facts = { event: "bytes-outside-frame", peer, lengthBytes, atByte };
        this.#log.warn(facts, `${lengthBytes} bytes outside a frame at byte ${atByte} from ${peer}: ignored`);
        return undefined;
      }
      case "unfinished": {
        const { lengthBytes, because } = received;
        const why = because === "start-block" ? "a start block came inside it" : "nothing more came";
        const text = `frame of byte ${atByte} not finished after ${lengthBytes} bytes, ${why}`;
        return this.#broken("unfinished-frame", text, received.head, { peer, lengthBytes, atByte });
      }
      case "too-large": {
        const text = `frame of byte ${atByte} is larger than ${received.limitBytes} bytes`;
        return this.#broken("frame-too-large", text, received.head, { peer, limitBytes: received.limitBytes, atByte });
      }
    }
  }

  async #payload(payload: Buffer, peer: string): Promise<Buffer> {
    const startedAt = performance.now();
    const { message, refusal: unreadable } = read(payload);
    let refusal = unreadable ?? (message && judge(message, { takes: this.#site.takes, finalCr: this.#finalCr }));
    let acknowledgment = writeAcknowledgment(this.#site, message, refusal);
    const stored = await this.#store(payload, acknowledgment, peer, message, refusal);
    if (stored !== undefined) {
      refusal = { code: "AR", condition: 207, location: "", text: stored };
      acknowledgment = writeAcknowledgment(this.#site, message, refusal);
    }
    const facts = {
      event: refusal ? "message-refused" : "message-accepted",
      type: printable(message?.type ?? ""),
      controlId: printable(message?.controlId ?? ""),
      code: refusal?.code ?? "AA",
      sizeBytes: payload.length,
      durationMs: Math.round(performance.now() - startedAt),
      peer,
    };
    const what = `received ${message ? nameOf(message) : "a payload without header"}, ${payload.length} bytes`;
    if (!refusal) this.#log.info(facts, `${what}: stored, AA after ${facts.durationMs} ms`);
    else {
      const { condition, location } = refusal;
      const why = `${refusal.code}, ${location} ${condition}: ${printable(refusal.text)}`;
      this.#log.warn({ ...facts, condition, location }, `${what}: refused with ${why}`);
    }
    return acknowledgment;
  }

  #unsent(received: Received, peer: string): void {
    const { message } = read(received.kind === "payload" ? received.payload : Buffer.alloc(0));
    const controlId = printable(message?.controlId ?? "");
    const whose = message ? nameOf(message) : "what came last";
    const what = `the acknowledgment of ${whose} could not be sent: the connection from ${peer} had ended`;
    this.#log.warn({ event: "acknowledgment-unsent", controlId, peer }, what);
  }

  /** Returns why a message could not be stored, or undefined where it was. */
  async #store(
    payload: Buffer,
    acknowledgment: Buffer,
    peer: string,
    message: Message | undefined,
    refusal: Refusal | undefined,
  ): Promise<string | undefined> {
    const [type, controlId] = [printable(message?.type ?? ""), printable(message?.controlId ?? "")];
    const code = refusal?.code ?? "AA";
    try {
      await this.#journal.append({ receivedAtMs: Date.now(), peer, type, controlId, code, payload, acknowledgment });
      return undefined;
    } catch (error) {
      const hint = error instanceof SafeTunnelError ? error.hint : "";
      this.#log.error({ event: "store-failed", type, controlId, hint }, `${reasonOf(error)}; ${hint}`);
      return "the message could not be stored, send it again later";
    }
  }

  #broken(event: string, text: string, head: Buffer, facts: object): Buffer {
    const { message: cut } = read(head);
    // a control ID that the cut may have shortened is somebody else's
    const message = cut?.hasField(11) ? cut : cut?.withHeader({ 10: "" });
    const location = "MSH^1";
    const acknowledgment = writeAcknowledgment(this.#site, message, { code: "AE", condition: 207, location, text });
    const name = message ? nameOf(message) : "a payload without header";
    this.#log.warn({ event, code: "AE", ...facts }, `${name}: refused with AE, ${text}`);
    return acknowledgment;
  }
}

function read(payload: Buffer): { message?: Message; refusal?: Refusal } {
  try {
    return { message: Message.read(payload) };
  } catch (error) {
    if (!(error instanceof SafeTunnelError)) throw error;
    return { refusal: { code: "AE", condition: 100, location: "MSH^1", text: error.message } };
  }
}
