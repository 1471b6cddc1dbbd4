import { reasonOf, SafeTunnelError } from "../errors.ts";
import { isAccepted } from "../hl7/acknowledgment.ts";
import { claimOf, traceOf } from "../hl7/claim.ts";
import { judge } from "../hl7/judge.ts";
import type { Message } from "../hl7/message.ts";
import type { Refusal } from "../hl7/refusal.ts";
import { factsOf, nameOf, printable } from "../hl7/text.ts";
import { tellAfterwards } from "../log/afterwards.ts";
import type { Log } from "../log/log.ts";
import type { Answer } from "../mllp/server-connection.ts";
import type { Settings } from "../settings.ts";
import type { SiteFacts } from "../site/facts.ts";
import type { Claimed, Journal } from "../store/journal.ts";
import type { Observer } from "../watch/observer.ts";
import { answerTo, NO_HEADER, read, sending } from "./answer.ts";
import { Drill, type Misbehaviour } from "./drill.ts";
import { askHandler, type Handler, loadHandler } from "./handler.ts";
import { Turns } from "./turns.ts";

const NOTHING = Buffer.alloc(0);

interface Arrived {
  message: Message | undefined;
  /** Why it cannot be read. */
  refusal: Refusal | undefined;
  /** What makes it the same as another. */
  claim: Buffer | undefined;
  payload: Buffer;
  peer: string;
  startedAt: number;
}

/** Judges payloads, stores them with what they are answered, and only then lets them be acknowledged. */
export class Acceptance {
  readonly #site: SiteFacts;
  readonly #finalCr: Settings["finalCr"];
  readonly #journal: Journal;
  readonly #log: Log;
  readonly #observer: Observer;
  readonly #drill: Drill | undefined;
  readonly #handler: Handler | undefined;
  readonly #turns = new Turns();

  private constructor(
    settings: Settings,
    journal: Journal,
    log: Log,
    observer: Observer,
    handler: Handler | undefined,
  ) {
    this.#site = settings.site;
    this.#finalCr = settings.finalCr;
    this.#journal = journal;
    this.#log = log;
    this.#observer = observer;
    this.#drill = settings.answer === "" ? undefined : Drill.parse(settings.answer);
    this.#handler = handler;
  }

  /** Takes drill and handler as the settings want them. Throws `invalid-setting`, `file-unreadable`. */
  static async open(settings: Settings, journal: Journal, log: Log, observer: Observer): Promise<Acceptance> {
    const { answer, handler } = settings;
    const loaded = handler === "" ? undefined : await loadHandler(handler);
    const acceptance = new Acceptance(settings, journal, log, observer, loaded);
    if (answer !== "") log.warn({ event: "answer-drill" }, `ANSWER="${answer}": this listener misbehaves, as asked`);
    if (handler !== "") log.info({ event: "handler" }, `${handler} (HANDLER) says how messages are acknowledged`);
    return acceptance;
  }

  /** Returns what a payload is answered with, or undefined where no acknowledgment is to be sent. */
  async accept(payload: Buffer, peer: string): Promise<Answer | undefined> {
    const startedAt = performance.now();
    const { message, refusal } = read(payload);
    const claim = claimOf(message);
    const arrived: Arrived = { message, refusal, claim, payload, peer, startedAt };
    const misbehaviour = claim && this.#drill?.next();
    const frames = claim
      ? // a repeat on another connection waits for what becomes of the first
        await this.#turns.take(claim.toString("latin1"), () => this.#named(arrived, claim, misbehaviour))
      : await this.#unnamed(arrived);
    if (misbehaviour?.distort) {
      this.#tellDrill(arrived, misbehaviour);
      return misbehaviour.distort(frames);
    }
    return sending(frames);
  }

  /** Answers what has no control ID, under which it could come again. */
  async #unnamed(arrived: Arrived): Promise<Buffer> {
    const refusal = arrived.refusal ?? this.#judge(arrived);
    const answer = await this.#store(arrived, undefined, refusal).catch((error) => this.#notStored(arrived, error));
    return answer ?? NOTHING;
  }

  /** Answers a message that has a control ID. */
  async #named(arrived: Arrived, claim: Buffer, misbehaviour: Misbehaviour | undefined): Promise<Buffer> {
    // most messages are new and sound: the store itself says where one is not new
    const judged = this.#judge(arrived);
    const isPlain = !misbehaviour && !this.#handler && !judged;
    // and what stands in the way of storing it is none for a repeat
    const stored = isPlain ? await this.#store(arrived, claim, undefined).catch(() => undefined) : undefined;
    if (stored) return stored;
    let earlier: Claimed | undefined;
    try {
      earlier = this.#journal.claimed(claim);
    } catch (error) {
      return this.#notStored(arrived, error);
    }
    if (earlier && arrived.payload.equals(earlier.payload)) return await this.#repeat(arrived, earlier);
    const ownRefusal = judged ?? (earlier && duplicate(earlier));
    if (misbehaviour?.refusal && !ownRefusal) this.#tellDrill(arrived, misbehaviour);
    const refusal = ownRefusal ?? misbehaviour?.refusal ?? (await this.#ask(arrived));
    const answer = await this.#store(arrived, claim, refusal).catch((error) => this.#notStored(arrived, error));
    return answer ?? this.#notStored(arrived, new Error("another process stored its control ID at the same moment"));
  }

  #tellDrill({ message, claim }: Arrived, { name }: Misbehaviour): void {
    this.#log.warn({ event: "answer-drill", ...traceOf(message, claim) }, `answered as ANSWER="${name}" asks for`);
  }

  #judge({ message }: Arrived): Refusal | undefined {
    return message && judge(message, { takes: this.#site.takes, finalCr: this.#finalCr });
  }

  async #ask({ message }: Arrived): Promise<Refusal | undefined> {
    return this.#handler && message && (await askHandler(this.#handler, message));
  }

  /**
   * Stores a message with what it is answered, and returns that, or nothing where another message stands under its
   * claim. Throws `store-failed`.
   */
  async #store(arrived: Arrived, claim: Buffer | undefined, refusal: Refusal | undefined): Promise<Buffer | undefined> {
    const { message, payload, peer } = arrived;
    const { code, answer } = answerTo(this.#site, message, refusal);
    const entry = { ...factsOf(message), peer, code, receivedAtMs: Date.now(), payload, answer };
    const number = await this.#journal.append({ ...entry, claim: isAccepted({ code }) ? claim : undefined });
    if (number === undefined) return undefined;
    const durationMs = Math.round(performance.now() - arrived.startedAt);
    tellAfterwards(() => this.#tell(arrived, code, refusal, durationMs, number));
    return answer;
  }

  #notStored(arrived: Arrived, error: unknown): Buffer {
    const { message, claim } = arrived;
    const hint = error instanceof SafeTunnelError ? error.hint : "";
    this.#log.error({ event: "store-failed", ...traceOf(message, claim), hint }, `${reasonOf(error)}; ${hint}`);
    this.#observer.storeFailed();
    const text = "the message could not be stored, send it again later";
    const refusal: Refusal = { code: "AR", condition: 207, location: "", text };
    const { code, answer } = answerTo(this.#site, message, refusal);
    this.#tell(arrived, code, refusal, Math.round(performance.now() - arrived.startedAt));
    return answer;
  }

  async #repeat(arrived: Arrived, { id, code, answer }: Claimed): Promise<Buffer> {
    const { message, claim } = arrived;
    const durationMs = Math.round(performance.now() - arrived.startedAt);
    tellAfterwards(() => this.#tellRepeat(arrived, id, code, durationMs));
    await this.#journal.repeated(id, Date.now()).catch((error) => {
      // that it is stored stays true
      this.#log.error({ event: "store-failed", ...traceOf(message, claim) }, reasonOf(error));
      this.#observer.storeFailed();
    });
    return Buffer.from(answer);
  }

  #tellRepeat({ message, claim, payload, peer }: Arrived, journalId: number, code: string, durationMs: number): void {
    const facts = { ...traceOf(message, claim), peer, code, sizeBytes: payload.length, durationMs, journalId };
    const again = `received ${nameOf(message as Message)} again: it is stored as #${journalId}`;
    this.#log.warn({ event: "message-repeated", ...facts }, `${again}, and gets the same ${code}`);
    this.#observer.received({ ...facts, repeat: true });
  }

  #tell(
    { message, claim, payload, peer }: Arrived,
    code: string,
    refusal: Refusal | undefined,
    durationMs: number,
    journalId?: number,
  ): void {
    const facts = { ...traceOf(message, claim), peer, code, sizeBytes: payload.length, durationMs, journalId };
    if (message) this.#observer.received({ ...facts, repeat: false });
    else this.#observer.frameRefused({ reason: "no-header", peer, code });
    const what = `received ${message ? nameOf(message) : NO_HEADER}, ${payload.length} bytes`;
    if (!refusal) {
      this.#log.info({ event: "message-accepted", ...facts }, `${what}: stored, ${code} after ${durationMs} ms`);
      return;
    }
    const { condition, location, byApplication, text } = refusal;
    // what an application says of a message may quote the patient
    const words = byApplication ? 'by the application ("listen" shows its words)' : printable(text);
    const why = `${code}, ${location} ${condition}: ${words}`;
    this.#log.warn({ event: "message-refused", ...facts, condition, location }, `${what}: refused with ${why}`);
  }
}

function duplicate({ id }: Claimed): Refusal {
  const text = `another message of this sender is stored under this control ID, as #${id}`;
  return { code: "AE", condition: 205, location: "MSH^1^10", text };
}
