import type { StatementSync } from "node:sqlite";
import { type Retention, Trimmer } from "./retention.ts";
import type { Store } from "./store.ts";

/** A message that arrived, byte for byte, and what it was answered. */
export interface Arrival {
  receivedAtMs: number;
  peer: string;
  type: string;
  controlId: string;
  code: string;
  /** Sender and control ID of a message that was accepted: no other message can be stored under them. */
  claim?: Uint8Array | undefined;
  /** The frames that were sent back; none where the message asked for none. */
  answer: Uint8Array;
  payload: Uint8Array;
}

export interface JournalEntry extends Omit<Arrival, "claim"> {
  id: number;
  /** How often the same message came again. */
  repeats: number;
}

/** What is told of an entry without its payload; `head` is the beginning of one that was refused. */
export interface JournalFacts {
  id: number;
  receivedAtMs: number;
  type: string;
  controlId: string;
  code: string;
  sizeBytes: number;
  claim: Uint8Array | null;
  head: Uint8Array | null;
}

/** What stands under the claim of a message that comes. */
export interface Claimed {
  id: number;
  code: string;
  answer: Uint8Array;
  payload: Uint8Array;
}

// as the index of the schema says them, or it would not be used
const ACCEPTED = "(claim IS NULL) = 0";
const REFUSED = "(claim IS NULL) = 1";
const REFUSED_SHARE = 0.1;
const numberOf = (end: string, kind: string) => `(SELECT coalesce(${end}(number), 0) FROM journal WHERE ${kind})`;
/** Enough of a payload for its header. */
const HEAD_BYTES = 4096;

/** What a site received, in the order of its arrival; it is on disk when a method returns, so that AA can mean stored. */
export class Journal {
  readonly #store: Store;
  readonly #accepted: Trimmer;
  readonly #refused: Trimmer;
  readonly #insert: StatementSync;
  readonly #claimed: StatementSync;
  readonly #repeat: StatementSync;
  readonly #after: StatementSync;
  readonly #last: StatementSync;
  readonly #count: StatementSync;
  readonly #factsAfter: StatementSync;

  constructor(store: Store, retention: Retention) {
    this.#store = store;
    const of = (where: string) => ({ table: "journal", key: "number", time: "receivedAtMs", where });
    this.#accepted = new Trimmer(store, of(ACCEPTED), retention);
    // a message that is refused again and again must not push out what was accepted
    const keep = Math.max(1, Math.round(retention.keep * REFUSED_SHARE));
    this.#refused = new Trimmer(store, of(REFUSED), { ...retention, keep });
    this.#insert = store.prepare(
      `INSERT INTO journal (receivedAtMs, peer, type, controlId, code, claim, answer, payload, number)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, (SELECT coalesce(max(number), 0) + 1 FROM journal WHERE (claim IS NULL) = ?9)
       WHERE NOT EXISTS (SELECT 1 FROM journal WHERE claim = ?6)`,
    );
    this.#claimed = store.prepare("SELECT id, code, answer, payload FROM journal WHERE claim = ?");
    this.#repeat = store.prepare(
      `INSERT INTO repeats (journalId, times, lastAtMs) VALUES (?, 1, ?)
       ON CONFLICT DO UPDATE SET times = times + 1, lastAtMs = excluded.lastAtMs`,
    );
    this.#after = store.prepare(
      `SELECT id, receivedAtMs, peer, type, controlId, code, coalesce(times, 0) AS repeats, answer, payload
       FROM journal LEFT JOIN repeats ON journalId = id WHERE id > ? ORDER BY id LIMIT ?`,
    );
    this.#factsAfter = store.prepare(
      `SELECT id, receivedAtMs, type, controlId, code, claim, length(payload) AS sizeBytes,
       CASE WHEN claim IS NULL THEN substr(payload, 1, ${HEAD_BYTES}) END AS head
       FROM journal WHERE id > ? ORDER BY id LIMIT ?`,
    );
    this.#last = store.prepare("SELECT max(id) AS id FROM journal");
    // each kind is numbered without a gap, and loses the oldest: to count the rows would read them all
    const ends = [ACCEPTED, REFUSED].map((kind) => ["max", "1 - min"].map((end) => numberOf(end, kind)));
    this.#count = store.prepare(`SELECT ${ends.flat().join(" + ")} AS count`);
  }

  /**
   * Commits a message with its answer and returns its number, or undefined where another one stands under its claim, and
   * it is not stored. Throws `store-failed`.
   */
  append(arrival: Arrival): Promise<number | undefined> {
    const { receivedAtMs, peer, type, controlId, code, claim, answer, payload } = arrival;
    const work = () => {
      const kind = claim ? this.#accepted : this.#refused;
      kind.count(receivedAtMs, payload.length);
      const { changes, lastInsertRowid } = this.#insert.run(
        ...[receivedAtMs, peer, type, controlId, code, claim ?? null, answer, payload, claim ? 0 : 1],
      );
      return changes === 0 ? undefined : Number(lastInsertRowid);
    };
    return this.#store.write(`store ${type} ${controlId} (${payload.length} bytes)`, work, payload.length);
  }

  /** Returns the accepted message that stands under a claim. Throws `store-failed`. */
  claimed(claim: Uint8Array): Claimed | undefined {
    return this.#store.read(() => this.#claimed.get(claim)) as Claimed | undefined;
  }

  /** Marks that a message came again. Throws `store-failed`. */
  repeated(id: number, atMs: number): Promise<void> {
    return this.#store.write(`mark the repeat of message ${id}`, () => void this.#repeat.run(id, atMs));
  }

  /** Returns what came after an entry, the oldest first, at most `limit` of it. Throws `store-failed`. */
  after(id: number, limit: number): JournalEntry[] {
    return this.#store.read(() => this.#after.all(id, limit)) as unknown as JournalEntry[];
  }

  /** Returns the same without the payloads. Throws `store-failed`. */
  factsAfter(id: number, limit: number): JournalFacts[] {
    return this.#store.read(() => this.#factsAfter.all(id, limit)) as unknown as JournalFacts[];
  }

  /** Returns the number of the newest entry, or 0. Throws `store-failed`. */
  lastId(): number {
    return (this.#store.read(() => this.#last.get()) as { id: number | null }).id ?? 0;
  }

  /** Returns how many messages it holds. Throws `store-failed`. */
  count(): number {
    return (this.#store.read(() => this.#count.get()) as { count: number }).count;
  }

  /** Returns when the last message came, or undefined. Throws `store-failed`. */
  lastReceivedAtMs(): number | undefined {
    return this.factsAfter(this.lastId() - 1, 1)[0]?.receivedAtMs;
  }

  /** Deletes what is beyond the bounds, also where nothing new arrives. Throws `store-failed`. */
  trim(nowMs: number): Promise<void> {
    return this.#store.free("trim the journal", () => {
      for (const kind of [this.#accepted, this.#refused]) kind.trim(nowMs);
    });
  }
}
