import { reasonOf, SafeTunnelError } from "../errors.ts";
import { type Refusal, writeAcknowledgment } from "../hl7/acknowledgment.ts";
import { judge } from "../hl7/judge.ts";
import { Message } from "../hl7/message.ts";
import { factsOf, nameOf, printable } from "../hl7/text.ts";
import type { Log } from "../log.ts";
import type { Received } from "../mllp/frame.ts";
import type { Connection, MllpServerOptions } from "../mllp/server.ts";
import type { Settings } from "../settings.ts";
import type { SiteFacts } from "../site/facts.ts";
import type { Journal, JournalEntry } from "../store/journal.ts";

const NO_HEADER = "a payload without header";

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
    const named = { ...factsOf(message), peer };
    const code = refusal?.code ?? "AA";
    if (!(await this.#store({ ...named, code, receivedAtMs: Date.now(), payload, acknowledgment }))) {
      refusal = {
        code: "AR",
        condition: 207,
        location: "",
        text: "the message could not be stored, send it again later",
      };
      acknowledgment = writeAcknowledgment(this.#site, message, refusal);
    }
    const durationMs = Math.round(performance.now() - startedAt);
    const facts = { ...named, code: refusal?.code ?? "AA", sizeBytes: payload.length, durationMs };
    const what = `received ${message ? nameOf(message) : NO_HEADER}, ${payload.length} bytes`;
    if (!refusal) this.#log.info({ event: "message-accepted", ...facts }, `${what}: stored, AA after ${durationMs} ms`);
    else {
      const { condition, location } = refusal;
      const why = `${refusal.code}, ${location} ${condition}: ${printable(refusal.text)}`;
      this.#log.warn({ event: "message-refused", ...facts, condition, location }, `${what}: refused with ${why}`);
    }
    return acknowledgment;
  }

  #unsent(received: Received, peer: string): void {
    const { message } = read(received.kind === "payload" ? received.payload : Buffer.alloc(0));
    const whose = message ? nameOf(message) : "what came last";
    const what = `the acknowledgment of ${whose} could not be sent: the connection from ${peer} had ended`;
    this.#log.warn({ event: "acknowledgment-unsent", ...factsOf(message), peer }, what);
  }

  /** Says whether an entry is on disk. */
  async #store(entry: Omit<JournalEntry, "id">): Promise<boolean> {
    try {
      await this.#journal.append(entry);
      return true;
    } catch (error) {
      const { type, controlId } = entry;
      const hint = error instanceof SafeTunnelError ? error.hint : "";
      this.#log.error({ event: "store-failed", type, controlId, hint }, `${reasonOf(error)}; ${hint}`);
      return false;
    }
  }

  #broken(event: string, text: string, head: Buffer, facts: object): Buffer {
    const { message: cut } = read(head);
    // a control ID that the cut may have shortened is somebody else's
    const message = cut?.hasField(11) ? cut : cut?.withHeader({ 10: "" });
    const location = "MSH^1";
    const acknowledgment = writeAcknowledgment(this.#site, message, { code: "AE", condition: 207, location, text });
    const name = message ? nameOf(message) : NO_HEADER;
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
