import type { Connection, Plan } from "./generator.ts";
import { type Counts, Ledger } from "./ledger.ts";
import { JOURNAL_KEEP, Listener } from "./listener.ts";
import { good, type Names } from "./messages.ts";
import { type Circumstances, play } from "./play.ts";

/** How long any connection may wait for what is due. */
const LIMIT_MS = 10_000;
/** How long the listener lets a frame be silent that has begun. */
const FRAME_TIMEOUT_MS = 30_000;
/** How long a round of connections lasts that the listener has to end. */
export const ABANDONED_MS = FRAME_TIMEOUT_MS + LIMIT_MS;

/** A listener and the ledger of what it was sent. */
export class Bench implements AsyncDisposable {
  readonly listener: Listener;
  readonly #ledger: Ledger;
  readonly #circumstances: Omit<Circumstances, "others">;
  #stretch = 0;
  #stretchFrom = 0;
  #goods = 0;

  private constructor(listener: Listener, ledger: Ledger, circumstances: Omit<Circumstances, "port">) {
    this.listener = listener;
    this.#ledger = ledger;
    this.#circumstances = { ...circumstances, port: listener.port };
  }

  /** Starts a listener for a run. */
  static async open(counts: Counts, answer?: string): Promise<Bench> {
    return new Bench(await Listener.start(answer), new Ledger(counts), { limitMs: LIMIT_MS });
  }

  /** Starts a listener that is sent one plan only, as exactly as can be. */
  static async openForOne(answer?: string, limitMs = LIMIT_MS): Promise<Bench> {
    return new Bench(await Listener.start(answer), new Ledger(), { limitMs, paceMs: 1 });
  }

  /** Gives control IDs; they change before the journal can have forgotten one that comes again. */
  names(): Names {
    const { stored } = this.#ledger.counts;
    if (stored - this.#stretchFrom > JOURNAL_KEEP / 4) {
      this.#stretch += 1;
      this.#stretchFrom = stored;
    }
    const stretch = this.#stretch.toString(36).padStart(4, "0");
    return { controlId: (key) => `${stretch}K${key}` };
  }

  /** Whether what becomes of a plan can be said. */
  canJudge(plan: Plan): boolean {
    return this.#ledger.canJudge(plan);
  }

  /** Sends a plan, and behind it a message that has to be accepted; returns what was wrong. */
  async play({ connections }: Plan): Promise<string | undefined> {
    const talking = connections.filter(({ ending }) => ending !== "silence");
    const silent = connections.filter(({ ending }) => ending === "silence");
    const others = Promise.all(talking.map((one) => this.#play(one)));
    const played = (await Promise.all([others, ...silent.map((one) => this.#play(one, others))])).flat();
    // a listener that hangs would only be waited for once more
    if (played.every(({ fault, ending }) => !fault || ending === "reset"))
      played.push(await this.#play({ chunks: [this.#good()], ending: "fin" }));
    return this.listener.fault() ?? this.#ledger.judge(played, this.listener.newRows());
  }

  /** Leaves connections alone in the middle of a frame, which the listener has to end; returns what was wrong. */
  async abandon(): Promise<string | undefined> {
    const whole = this.#good();
    const chunks = [whole.subarray(0, 1), whole.subarray(0, 200), whole.subarray(0, -1)];
    const circumstances = { ...this.#circumstances, limitMs: ABANDONED_MS };
    const played = chunks.map((chunk) => play({ chunks: [chunk], ending: "never" }, circumstances));
    return this.#ledger.judge(await Promise.all(played), []);
  }

  #play(connection: Connection, others?: Promise<unknown>) {
    return play(connection, { ...this.#circumstances, ...(others && { others }) });
  }

  #good(): Buffer {
    this.#goods += 1;
    const payload = good({ controlId: () => `GOOD${this.#goods}` });
    return Buffer.concat([Buffer.from([0x0b]), payload, Buffer.from([0x1c, 0x0d])]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.listener[Symbol.asyncDispose]();
  }
}
