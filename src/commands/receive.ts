import { factsOf, nameOf } from "../hl7/text.ts";
import type { Log } from "../log/log.ts";
import type { Received, Unfinished } from "../mllp/frame.ts";
import type { Answer, AnsweringOptions, Connection } from "../mllp/server-connection.ts";
import type { Settings } from "../settings.ts";
import type { SiteFacts } from "../site/facts.ts";
import type { Journal } from "../store/journal.ts";
import { Acceptance, answerTo, NO_HEADER, read, sending } from "./accept.ts";

const WHY_UNFINISHED: Record<Unfinished, string> = {
  "start-block": "a start block came inside it",
  "end-of-stream": "nothing more came",
  "half-end-block": "its end block (1C) came without its CR (0D)",
};

/** Answers what a connection of a listener brings: messages as they are accepted, broken frames with what is wrong. */
export class Receiver {
  readonly #site: SiteFacts;
  readonly #acceptance: Acceptance;
  readonly #log: Log;

  private constructor(site: SiteFacts, acceptance: Acceptance, log: Log) {
    this.#site = site;
    this.#acceptance = acceptance;
    this.#log = log;
  }

  /** Makes a receiver as the settings want it. Throws `invalid-setting`, `file-unreadable`. */
  static async open(settings: Settings, journal: Journal, log: Log): Promise<Receiver> {
    return new Receiver(settings.site, await Acceptance.open(settings, journal, log), log);
  }

  /** Returns what an MllpServer calls. */
  handlers(): Pick<AnsweringOptions, "answer" | "onBroken" | "onUnsent"> {
    return {
      answer: (received, connection) => this.answer(received, connection),
      onUnsent: (received, { peer }) => this.#unsent(received, peer),
      onBroken: ({ peer }, reason) =>
        this.#log.warn({ event: "connection-broken", peer, reason }, `connection from ${peer} broke: ${reason}`),
    };
  }

  /** Returns what a connection brought is answered with, or undefined where there is nothing to acknowledge. */
  async answer(received: Received, { peer }: Connection): Promise<Answer | undefined> {
    const { atByte } = received;
    switch (received.kind) {
      case "payload":
        return this.#acceptance.accept(received.payload, peer);
      case "outside": {
        const { lengthBytes } = received;
        const facts = { event: "bytes-outside-frame", peer, lengthBytes, atByte };
        this.#log.warn(facts, `${lengthBytes} bytes outside a frame at byte ${atByte} from ${peer}: ignored`);
        return undefined;
      }
      case "unfinished": {
        const { lengthBytes, because } = received;
        const text = `frame of byte ${atByte} not finished after ${lengthBytes} bytes, ${WHY_UNFINISHED[because]}`;
        return this.#broken("unfinished-frame", text, received.head, { peer, lengthBytes, atByte });
      }
      case "too-large": {
        const text = `frame of byte ${atByte} is larger than ${received.limitBytes} bytes`;
        return this.#broken("frame-too-large", text, received.head, { peer, limitBytes: received.limitBytes, atByte });
      }
    }
  }

  #unsent(received: Received, peer: string): void {
    const { message } = read(received.kind === "payload" ? received.payload : Buffer.alloc(0));
    const whose = message ? nameOf(message) : "what came last";
    const what = `the acknowledgment of ${whose} could not be sent: the connection from ${peer} had ended`;
    this.#log.warn({ event: "acknowledgment-unsent", ...factsOf(message), peer }, what);
  }

  #broken(event: string, text: string, head: Buffer, facts: object): Answer | undefined {
    const { message: cut } = read(head);
    // a control ID that the cut may have shortened is somebody else's, and a wish for silence may not be one
    const unsure = { ...(!cut?.hasField(11) && { 10: "" }), ...(!cut?.hasField(17) && { 15: "", 16: "" }) };
    const message = cut?.withHeader(unsure);
    const location = "MSH^1";
    const { code, answer } = answerTo(this.#site, message, { code: "AE", condition: 207, location, text });
    const name = message ? nameOf(message) : NO_HEADER;
    this.#log.warn({ event, code, ...facts }, `${name}: refused with ${code}, ${text}`);
    return sending(answer);
  }
}
