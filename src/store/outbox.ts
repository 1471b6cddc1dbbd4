import type { StatementSync } from "node:sqlite";
import { type Retention, Trimmer } from "./retention.ts";
import type { Store } from "./store.ts";

/** What is told of a message in the outbox. */
export interface Queued {
  id: number;
  queuedAtMs: number;
  type: string;
  controlId: string;
  sizeBytes: number;
  tries: number;
  /** Why it was not delivered yet, or why it was set aside. */
  reason: string;
  setAsideAtMs: number | null;
}

export type QueuedPayload = Queued & { payload: Uint8Array };

/** A message that the other side has acknowledged; its payload is gone. */
export interface Delivered extends Omit<Queued, "reason" | "setAsideAtMs"> {
  deliveredAtMs: number;
  code: string;
  durationMs: number;
}

export type Outgoing = Pick<Queued, "type" | "controlId"> & { payload: Uint8Array };

const MAX_REASON = 1000;
const DELIVERED = "id, queuedAtMs, deliveredAtMs, type, controlId, sizeBytes, tries, code, durationMs";
const COLUMNS = "id, queuedAtMs, type, controlId, sizeBytes, tries, reason, setAsideAtMs";

/** What a site has to send, in the order it was put there; it stays until the other side has taken it. */
export class Outbox {
  readonly #store: Store;
  readonly #trimmer: Trimmer;
  /** Hears of what this process puts into it. */
  onPut: () => void = () => {};
  readonly #put: StatementSync;
  readonly #next: StatementSync;
  readonly #failed: StatementSync;
  readonly #setAside: StatementSync;
  readonly #deliver: StatementSync;
  readonly #remove: StatementSync;
  readonly #retry: StatementSync;
  readonly #counts: StatementSync;
  readonly #oldest: StatementSync;

  constructor(store: Store, retention: Retention) {
    this.#store = store;
    this.#trimmer = new Trimmer(store, { table: "delivered", key: "sequence", time: "deliveredAtMs" }, retention);
    this.#put = store.prepare(
      "INSERT INTO outbox (queuedAtMs, type, controlId, sizeBytes, payload) VALUES (?, ?, ?, ?, ?)",
    );
    this.#next = store.prepare(`SELECT ${COLUMNS}, payload FROM outbox WHERE setAsideAtMs IS NULL ORDER BY id LIMIT 1`);
    this.#failed = store.prepare("UPDATE outbox SET tries = tries + 1, reason = ? WHERE id = ?");
    this.#setAside = store.prepare("UPDATE outbox SET tries = tries + 1, reason = ?, setAsideAtMs = ? WHERE id = ?");
    this.#deliver = store.prepare(
      `INSERT INTO delivered (id, queuedAtMs, deliveredAtMs, type, controlId, sizeBytes, tries, code, durationMs)
       SELECT id, queuedAtMs, ?, type, controlId, sizeBytes, tries + 1, ?, ? FROM outbox WHERE id = ?`,
    );
    this.#remove = store.prepare("DELETE FROM outbox WHERE id = ?");
    this.#retry = store.prepare("UPDATE outbox SET setAsideAtMs = NULL WHERE id = ? AND setAsideAtMs IS NOT NULL");
    this.#counts = store.prepare(
      "SELECT count(*) FILTER (WHERE setAsideAtMs IS NULL) AS waiting, count(setAsideAtMs) AS setAside FROM outbox",
    );
    this.#oldest = store.prepare("SELECT queuedAtMs FROM outbox WHERE setAsideAtMs IS NULL ORDER BY id LIMIT 1");
  }

  /** Commits a message behind all others and returns its number. Throws `store-failed`. */
  async put({ type, controlId, payload }: Outgoing, nowMs: number): Promise<number> {
    const what = `queue ${type} ${controlId} (${payload.length} bytes)`;
    const work = () => Number(this.#put.run(nowMs, type, controlId, payload.length, payload).lastInsertRowid);
    const id = await this.#store.write(what, work, payload.length);
    this.onPut();
    return id;
  }

  /** Returns the message whose turn it is. Throws `store-failed`. */
  next(): QueuedPayload | undefined {
    return this.#store.read(() => this.#next.get()) as QueuedPayload | undefined;
  }

  /** Notes a try that failed; the message keeps its place. Throws `store-failed`. */
  failed(id: number, reason: string): Promise<void> {
    return this.#store.write(`note a try of message ${id}`, () => void this.#failed.run(short(reason), id));
  }

  /** Takes a message out of the way with its reason, and says whether it was there still. Throws `store-failed`. */
  setAside(id: number, reason: string, nowMs: number): Promise<boolean> {
    const what = `set message ${id} aside`;
    return this.#store.free(what, () => this.#setAside.run(short(reason), nowMs, id).changes > 0);
  }

  /** Lets a message go that was acknowledged, and keeps the fact. Throws `store-failed`. */
  delivered(id: number, code: string, durationMs: number, nowMs: number): Promise<void> {
    return this.#store.free(`let message ${id} go`, () => {
      this.#trimmer.count(nowMs, 0);
      this.#deliver.run(nowMs, code, Math.round(durationMs), id);
      this.#remove.run(id);
    });
  }

  /** Returns how many messages wait and how many were set aside. Throws `store-failed`. */
  counts(): { waiting: number; setAside: number } {
    return this.#store.read(() => this.#counts.get()) as { waiting: number; setAside: number };
  }

  /** Returns since when the message waits whose turn it is, or undefined where none does. Throws `store-failed`. */
  oldestQueuedAtMs(): number | undefined {
    return (this.#store.read(() => this.#oldest.get()) as { queuedAtMs: number } | undefined)?.queuedAtMs;
  }

  /** Returns what is in the outbox, in its order, at most `limit` of each of the two kinds. Throws `store-failed`. */
  list(limit = Number.MAX_SAFE_INTEGER): Queued[] {
    const of = (kind: string) =>
      this.#all(`SELECT ${COLUMNS} FROM outbox WHERE setAsideAtMs IS ${kind} ORDER BY id LIMIT ?`, limit) as Queued[];
    return [...of("NOT NULL"), ...of("NULL")];
  }

  /** Returns one message with its payload. Throws `store-failed`. */
  find(id: number): QueuedPayload | undefined {
    return this.#all(`SELECT ${COLUMNS}, payload FROM outbox WHERE id = ?`, id)[0] as never;
  }

  /** Returns what became of a message that was put into the outbox. Throws `store-failed`. */
  outcome(id: number): Delivered | Queued | "gone" {
    const [queued] = this.#all(`SELECT ${COLUMNS} FROM outbox WHERE id = ?`, id) as Queued[];
    const [delivered] = this.#all(`SELECT ${DELIVERED} FROM delivered WHERE id = ?`, id) as Delivered[];
    return delivered ?? queued ?? "gone";
  }

  /** Returns the last messages that were acknowledged, in that order. Throws `store-failed`. */
  lastDelivered(limit: number): Delivered[] {
    return this.#all(
      `SELECT ${DELIVERED} FROM delivered ORDER BY sequence DESC LIMIT ?`,
      limit,
    ).reverse() as Delivered[];
  }

  /** Puts messages that were set aside back in their place, and returns those that were. Throws `store-failed`. */
  retry(ids: number[]): Promise<number[]> {
    return this.#store.write("retry", () => ids.filter((id) => this.#retry.run(id).changes > 0));
  }

  /** Deletes messages, delivered or not, and returns those that were there. Throws `store-failed`. */
  drop(ids: number[]): Promise<number[]> {
    return this.#store.free("drop", () => ids.filter((id) => this.#remove.run(id).changes > 0));
  }

  /** Forgets of what was delivered what is beyond the bounds. Throws `store-failed`. */
  trim(nowMs: number): Promise<void> {
    return this.#store.free("trim what was delivered", () => this.#trimmer.trim(nowMs));
  }

  #all(sql: string, ...values: number[]): unknown[] {
    return this.#store.read(() => this.#store.prepare(sql).all(...values));
  }
}

/** The other side chooses these words, and as many as it likes. */
const short = (reason: string) => (reason.length > MAX_REASON ? `${reason.slice(0, MAX_REASON)}…` : reason);
