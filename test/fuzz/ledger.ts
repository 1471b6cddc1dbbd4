import { createHash } from "node:crypto";
import { acknowledgmentsIn, type Came, shown } from "./acknowledgment.ts";
import type { Plan } from "./generator.ts";
import { JOURNAL_KEEP, type Row } from "./listener.ts";
import { MAX_PAYLOAD_BYTES } from "./messages.ts";
import { codesDue, type Frame, framesIn, type Reading, readingOf } from "./model.ts";
import type { Played } from "./play.ts";

interface Stored {
  /** Which of all that were accepted it is; the journal keeps so many of them, whatever was refused meanwhile. */
  number: number;
  digest: string;
  answer: Buffer;
  /** Whether it was judged before, so that the next one is a repeat. */
  met: boolean;
}

/** What is due for a frame, or rather the acknowledgments of it in their order. */
interface Due {
  codes: string[];
  controlId: string;
  condition: (condition: string) => boolean;
  /** The very bytes, where the journal says them. */
  frame?: Buffer | undefined;
}

/** What a run came to so far. */
export class Counts {
  connections = 0;
  frames = 0;
  bytes = 0;
  stored = 0;
  repeats = 0;
  readonly acknowledgments: Record<string, number> = {};
  readonly refusals: Record<string, number> = {};
  longestWaitMs = 0;
}

/** Keeps what was sent and stored, and judges by the model what came of it. */
export class Ledger {
  readonly counts: Counts;
  readonly #stored = new Map<string, Stored>();
  readonly #sent = new Map<string, { digests: Set<string>; atNumber: number }>();

  constructor(counts = new Counts()) {
    this.counts = counts;
  }

  /** Whether what becomes of a plan can be said: it brings not too much, and nothing that may have been forgotten. */
  canJudge({ connections }: Plan): boolean {
    const frames = connections.flatMap(({ chunks }) => framesIn(Buffer.concat(chunks), MAX_PAYLOAD_BYTES, true));
    const { stored } = this.counts;
    const ages = frames.map((frame) => stored - (this.#stored.get(readingOf(frame).claim)?.number ?? stored));
    return frames.length < JOURNAL_KEEP / 4 && Math.max(0, ...ages) < JOURNAL_KEEP / 2;
  }

  /** Returns what is wrong with what came back, and with what was stored since the last time; undefined is nothing. */
  judge(all: Played[], rows: Row[]): string | undefined {
    const played = all.map((one) => ({ ...one, frames: framesIn(one.stream, MAX_PAYLOAD_BYTES, true).map(read) }));
    for (const { frames } of played) for (const one of frames) this.#note(one);
    const faults = rows.map((row) => this.#take(row));
    for (const one of played) {
      this.#count(one, one.frames.length);
      faults.push(this.#judgeConnection(one, one.frames));
    }
    this.#forget();
    return faults.find((fault) => fault !== undefined);
  }

  #note({ frame, reading }: Read): void {
    if (!reading.whole || this.#stored.has(reading.claim)) return;
    const { digests } = this.#sent.get(reading.claim) ?? { digests: new Set() };
    this.#sent.set(reading.claim, { digests: digests.add(digestOf(frame.bytes)), atNumber: this.counts.stored });
  }

  /** Takes a message from the journal that was stored as accepted. */
  #take({ payload, answer }: Row): string | undefined {
    const digest = digestOf(payload);
    const { whole, claim } = readingOf({ bytes: Buffer.from(payload), broken: false });
    const earlier = this.#stored.get(claim);
    const sent = this.#sent.get(claim)?.digests.has(digest);
    if (!whole) return `stored as accepted, what is no whole message: ${shown(payload)}`;
    if (earlier && earlier.number > this.counts.stored - JOURNAL_KEEP) return `stored twice: ${shown(payload)}`;
    if (!sent) return `stored, what was never sent: ${shown(payload)}`;
    this.#sent.delete(claim);
    this.counts.stored += 1;
    this.#stored.set(claim, { number: this.counts.stored, digest, answer: Buffer.from(answer), met: false });
    return undefined;
  }

  #judgeConnection({ stream, received, ending, fault }: Played, frames: Read[]): string | undefined {
    // what was on its way at a reset may have been lost, or stored without a word
    const reset = ending === "reset";
    const of = `${shown(received) || "nothing"}, for ${shown(stream) || "nothing"}`;
    if (fault && !reset) return `${fault}; what came back is ${of}`;
    const came = acknowledgmentsIn(received, reset);
    if ("fault" in came) return `${came.fault}; all that came back is ${of}`;
    for (const { code, condition } of came) {
      count(this.counts.acknowledgments, code);
      if (condition !== "") count(this.counts.refusals, condition);
    }
    const due: Due[] = [];
    for (const one of frames) {
      const own = this.#due(one);
      if (own) due.push(...own);
      else if (!reset) return `not stored, what should have been: ${shown(one.frame.bytes)}; what came back is ${of}`;
      else break;
    }
    const wrong = due.find((one, index) => (came[index] ? !isAsDue(came[index], one) : !reset));
    if (wrong) {
      const [expected, instead] = [wrong.codes.join(" or "), came[due.indexOf(wrong)]];
      const what = instead ? `${instead.code} ${instead.condition} for "${shown(Buffer.from(instead.controlId))}"` : "";
      return `due is ${expected} for "${wrong.controlId}", and ${what || "nothing"} came; all that came back is ${of}`;
    }
    if (came.length <= due.length) return undefined;
    return `${due.length} acknowledgments are due, and ${came.length} came back: ${of}`;
  }

  #due({ frame, reading }: Read): Due[] | undefined {
    const { whole, claim, controlId } = reading;
    const refused = (condition: Due["condition"]) =>
      codesDue(reading, "refused").map((codes) => ({ codes, controlId, condition }));
    if (frame.broken) return refused((condition) => condition === "207");
    if (!whole) return refused((condition) => !["", "205", "207"].includes(condition));
    const stored = this.#stored.get(claim);
    if (!stored) return undefined;
    if (stored.digest !== digestOf(frame.bytes)) return refused((condition) => condition === "205");
    if (stored.met) this.counts.repeats += 1;
    stored.met = true;
    const accepted = codesDue(reading, "accepted");
    const answered = acknowledgmentsIn(stored.answer, false);
    const frames = "fault" in answered ? [] : answered;
    return accepted.map((codes, index) => ({
      codes,
      controlId,
      condition: (condition) => condition === "",
      frame: frames[index]?.frame ?? Buffer.alloc(0),
    }));
  }

  #count({ stream, waitedMs, ending }: Played, frames: number): void {
    this.counts.connections += 1;
    this.counts.frames += frames;
    this.counts.bytes += stream.length;
    if (ending === "fin" || ending === "silence")
      this.counts.longestWaitMs = Math.max(this.counts.longestWaitMs, Math.round(waitedMs));
  }

  /** Lets go of what the journal has let go of for long. */
  #forget(): void {
    const oldest = this.counts.stored - 2 * JOURNAL_KEEP;
    for (const [claim, { number }] of this.#stored) {
      // in the order of their coming, so that the first that stays ends it
      if (number > oldest) break;
      this.#stored.delete(claim);
    }
    for (const [claim, { atNumber }] of this.#sent) if (atNumber < oldest) this.#sent.delete(claim);
  }
}

interface Read {
  frame: Frame;
  reading: Reading;
}

const read = (frame: Frame): Read => ({ frame, reading: readingOf(frame) });
const digestOf = (bytes: Uint8Array) => createHash("sha1").update(bytes).digest("base64");
const count = (counts: Record<string, number>, name: string) => {
  counts[name] = (counts[name] ?? 0) + 1;
};

function isAsDue(came: Came, { codes, controlId, condition, frame }: Due): boolean {
  const sameBytes = frame === undefined || frame.equals(came.frame);
  return codes.includes(came.code) && came.controlId === controlId && condition(came.condition) && sameBytes;
}
