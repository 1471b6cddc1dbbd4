import type { StatementSync } from "node:sqlite";
import type { Store } from "./store.ts";

/** How much of what is done is kept: both bounds hold, and the oldest goes first. */
export interface Retention {
  keep: number;
  keepDays: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
// so that one look serves many rows, and no single one has to wait for the end of many large ones
const TRIM_EVERY_ROWS = 100;
const TRIM_EVERY_BYTES = 1024 * 1024;

/** `key` numbers the rows in the order in which they came, `time` says when, in milliseconds. */
interface Trimmed {
  table: string;
  key: string;
  time: string;
  where?: string;
}

/** Keeps a table of rows in their order within its bounds. */
export class Trimmer {
  readonly #bounds: Retention;
  readonly #last: StatementSync;
  readonly #firstSince: StatementSync;
  readonly #delete: StatementSync;
  // the first row looks what an earlier process left
  #rows = TRIM_EVERY_ROWS - 1;
  #bytes = 0;

  constructor(store: Store, { table, key, time, where = "true" }: Trimmed, bounds: Retention) {
    this.#bounds = bounds;
    this.#last = store.prepare(`SELECT max(${key}) AS id FROM ${table} WHERE ${where}`);
    this.#firstSince = store.prepare(
      `SELECT ${key} AS id FROM ${table} WHERE ${where} AND ${time} >= ? ORDER BY ${key} LIMIT 1`,
    );
    this.#delete = store.prepare(`DELETE FROM ${table} WHERE ${where} AND ${key} < ?`);
  }

  /** Counts a new row, and trims when it is time; belongs into the write of that row. */
  count(nowMs: number, sizeBytes: number): void {
    this.#rows += 1;
    this.#bytes += sizeBytes;
    if (this.#rows >= TRIM_EVERY_ROWS || this.#bytes > TRIM_EVERY_BYTES) this.trim(nowMs);
  }

  /** Deletes what is beyond the bounds; belongs into a write. */
  trim(nowMs: number): void {
    [this.#rows, this.#bytes] = [0, 0];
    const last = idOf(this.#last.get()) ?? 0;
    const young = idOf(this.#firstSince.get(nowMs - this.#bounds.keepDays * DAY_MS)) ?? last + 1;
    this.#delete.run(Math.max(young, last + 1 - this.#bounds.keep));
  }
}

const idOf = (row: unknown) => (row as { id: number | null } | undefined)?.id ?? undefined;
