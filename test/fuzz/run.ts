import fc from "fast-check";
import { ABANDONED_MS, Bench } from "./bench.ts";
import { type Draft, draft, type Plan } from "./generator.ts";
import { Counts } from "./ledger.ts";
import { growthOf, MAX_GROWN_BYTES } from "./memory.ts";
import type { Report } from "./report.ts";

/** What was wrong, and where it is known, what was sent for it. */
interface Finding {
  what: string;
  plan?: Plan;
}

export interface RunOptions {
  seed: number;
  timeMs: number;
  /** How the listener is to misbehave, as "listen --answer" takes it. */
  answer?: string | undefined;
  stop: AbortSignal;
  /** Hears of each batch that went well. */
  onBatch(inputs: number, elapsedMs: number): void;
}

const SAMPLE_EVERY_INPUTS = 500;
const MAX_SHRINK_MS = 30_000;
const SHRINK_LIMIT_MS = 2000;

/** Sends what a seed generates to one listener until the time is over or something is wrong. */
export class Run {
  readonly #options: RunOptions;
  readonly #counts = new Counts();
  readonly #startedAt = performance.now();
  readonly #samples: { sentBytes: number; residentBytes: number }[] = [];
  #inputs = 0;
  #batches = 0;
  #skipped = 0;
  #finding: Finding | undefined;
  #ranMs = 0;

  constructor(options: RunOptions) {
    this.#options = options;
  }

  /** Runs, and where something was wrong looks for less that shows it; returns the report, and that least plan. */
  async report(): Promise<{ report: Report; plan: Plan | undefined }> {
    {
      await using bench = await Bench.open(this.#counts, this.#options.answer);
      const abandoned = this.#abandonInRounds(bench);
      await this.#search(bench);
      await abandoned;
      this.#ranMs ||= this.#elapsedMs;
      this.#finding ??= await this.#judgeEnd(bench);
    }
    const plan = this.#finding?.plan;
    const { acknowledgments, refusals, ...counts } = this.#counts;
    const report = {
      seed: this.#options.seed,
      ranMs: Math.round(this.#ranMs),
      batches: this.#batches,
      inputs: this.#inputs,
      skipped: this.#skipped,
      ...counts,
      acknowledgments,
      refusals,
      memory: growthOf(this.#samples),
      wrong: this.#finding?.what ?? null,
      seenAgain: plan ? (await replay(plan, this.#options.answer)) !== undefined : null,
    };
    return { report, plan };
  }

  get #elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  async #search(bench: Bench): Promise<void> {
    const property = fc.asyncProperty(draft, async (one) => {
      const found = await (this.#finding ? this.#tryLess(one) : this.#tryNext(bench, one));
      if (!found) return;
      this.#ranMs ||= this.#elapsedMs;
      this.#finding = found;
      throw new Error(found.what);
    });
    await fc.check(property, { seed: this.#options.seed, numRuns: Number.MAX_SAFE_INTEGER });
  }

  async #tryNext(bench: Bench, one: Draft): Promise<Finding | undefined> {
    // what was left alone may be at fault, which no batch is the reason of
    if (this.#finding || this.#elapsedMs > this.#options.timeMs || this.#options.stop.aborted) throw interruption();
    const plan = one(bench.names());
    if (!bench.canJudge(plan)) {
      this.#skipped += 1;
      return undefined;
    }
    if (this.#inputs >= this.#samples.length * SAMPLE_EVERY_INPUTS)
      this.#samples.push({ sentBytes: this.#counts.bytes, residentBytes: bench.listener.residentBytes() });
    this.#inputs += plan.inputs;
    this.#batches += 1;
    const what = await bench.play(plan);
    if (what) return { what, plan };
    this.#options.onBatch(this.#inputs, this.#elapsedMs);
    return undefined;
  }

  /** Tries less than what was wrong, on a listener that has seen nothing else. */
  async #tryLess(one: Draft): Promise<Finding | undefined> {
    const over = this.#elapsedMs - this.#ranMs > Math.min(MAX_SHRINK_MS, this.#options.timeMs);
    if (!this.#finding?.plan || over || this.#options.stop.aborted) throw interruption();
    await using fresh = await Bench.openForOne(this.#options.answer, SHRINK_LIMIT_MS);
    const plan = one(fresh.names());
    const what = await fresh.play(plan);
    return what ? { what, plan } : undefined;
  }

  async #abandonInRounds(bench: Bench): Promise<void> {
    while (this.#elapsedMs + ABANDONED_MS < this.#options.timeMs && !this.#finding) {
      const what = await bench.abandon();
      if (what) this.#finding ??= { what: `left alone in a frame: ${what}` };
    }
  }

  async #judgeEnd({ listener }: Bench): Promise<Finding | undefined> {
    const { grownBytes } = growthOf(this.#samples);
    const sent = this.#counts.bytes;
    const grown = `its memory grew by ${grownBytes} bytes from the second third of the run to the last`;
    if (grownBytes !== null && grownBytes > MAX_GROWN_BYTES) return { what: `${grown}, ${sent} bytes were sent` };
    const what = listener.fault() ?? (await listener.stop());
    return what ? { what } : undefined;
  }
}

/** Sends a plan to a listener of its own, and returns what was wrong. */
export async function replay(plan: Plan, answer?: string): Promise<string | undefined> {
  await using fresh = await Bench.openForOne(answer);
  return await fresh.play(plan);
}

const interruption = () => new fc.PreconditionFailure(true);
