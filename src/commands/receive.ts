import { traceOf } from "../hl7/claim.ts";
import { nameOf } from "../hl7/text.ts";
import type { Log } from "../log/log.ts";
import type { Received, Unfinished } from "../mllp/frame.ts";
import type { Answer, AnsweringOptions, Connection } from "../mllp/server-connection.ts";
import type { Settings } from "../settings.ts";
import type { SiteFacts } from "../site/facts.ts";
import { HEALTH_ADDRESS } from "../site/health.ts";
import type { Journal } from "../store/journal.ts";
import { type ConnectionFact, type FrameRefusal, type Observer, UNWATCHED } from "../watch/observer.ts";
import { Acceptance } from "./accept.ts";
import { answerTo, NO_HEADER, read, sending } from "./answer.ts";

const WHY_UNFINISHED: Record<Unfinished, string> = {
  "start-block": "a start block came inside it",
  "end-of-stream": "nothing more came",
  "half-end-block": "its end block (1C) came without its CR (0D)",
};

interface BrokenFacts {
  peer: string;
  atByte: number;
  lengthBytes?: number;
  limitBytes?: number;
}

/** Answers what a connection of a listener brings: messages as they are accepted, broken frames with what is wrong. */
export class Receiver {
  readonly #site: SiteFacts;
  readonly #acceptance: Acceptance;
  readonly #log: Log;
  readonly #observer: Observer;

  private constructor(site: SiteFacts, acceptance: Acceptance, log: Log, observer: Observer) {
    this.#site = site;
    this.#acceptance = acceptance;
    this.#log = log;
    this.#observer = observer;
  }

  /** Makes a receiver as the settings want it. Throws `invalid-setting`, `file-unreadable`. */
  static async open(settings: Settings, journal: Journal, log: Log, observer = UNWATCHED): Promise<Receiver> {
    return new Receiver(settings.site, await Acceptance.open(settings, journal, log, observer), log, observer);
  }

  /** Returns what an MllpServer calls. */
  handlers(): Omit<AnsweringOptions, "maxPayloadBytes" | "frameTimeoutMs"> {
    return {
      onOpened: ({ peer }) => this.#unlessHealth(peer, (fact) => this.#observer.connectionOpened(fact)),
      onEnded: ({ peer }) => this.#unlessHealth(peer, (fact) => this.#observer.connectionEnded(fact)),
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
        const facts = { event: "bytes-outside-frame" as const, peer, lengthBytes, atByte };
        this.#log.warn(facts, `${lengthBytes} bytes outside a frame at byte ${atByte} from ${peer}: ignored`);
        this.#observer.frameRefused({ reason: "bytes-outside-frame", peer });
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
    this.#log.warn({ event: "acknowledgment-unsent", ...traceOf(message), peer }, what);
  }

  #unlessHealth(peer: string, tell: (fact: ConnectionFact) => void): void {
    if (!peer.startsWith(`${HEALTH_ADDRESS}:`)) tell({ end: "listener", peer });
  }

  #broken(
    event: Exclude<FrameRefusal, "no-header">,
    text: string,
    head: Buffer,
    { peer, ...facts }: BrokenFacts,
  ): Answer | undefined {
    const { message: cut } = read(head);
    // a control ID that the cut may have shortened is somebody else's, and a wish for silence may not be one
    const unsure = { ...(!cut?.hasField(11) && { 10: "" }), ...(!cut?.hasField(17) && { 15: "", 16: "" }) };
    const message = cut?.withHeader(unsure);
    const location = "MSH^1";
    const { code, answer } = answerTo(this.#site, message, { code: "AE", condition: 207, location, text });
    const name = message ? nameOf(message) : NO_HEADER;
    this.#log.warn(
      { event, ...(message && traceOf(message)), code, peer, ...facts },
      `${name}: refused with ${code}, ${text}`,
    );
    this.#observer.frameRefused({ reason: event, peer, code });
    return sending(answer);
  }
}
