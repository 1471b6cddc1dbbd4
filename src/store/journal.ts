import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { reasonOf, SafeTunnelError } from "../errors.ts";

/** A message that arrived, byte for byte, and the acknowledgment that it was given. */
export interface JournalEntry {
  id: number;
  receivedAtMs: number;
  peer: string;
  type: string;
  controlId: string;
  code: string;
  payload: Uint8Array;
  acknowledgment: Uint8Array;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS journal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    receivedAtMs INTEGER NOT NULL,
    peer TEXT NOT NULL,
    type TEXT NOT NULL,
    controlId TEXT NOT NULL,
    code TEXT NOT NULL,
    payload BLOB NOT NULL,
    acknowledgment BLOB NOT NULL
  ) STRICT`;

// each trim is a disk flush of its own, so that one serves many messages
const TRIM_EVERY = 100;

/** What a site received, in one SQLite file: it is on disk when `append` returns, so that AA can mean stored. */
export class Journal {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #trim: StatementSync;
  readonly #after: StatementSync;
  readonly #keep: number;
  #appended = 0;

  private constructor(database: DatabaseSync, keep: number) {
    this.#database = database;
    this.#keep = keep;
    this.#insert = database.prepare(
      "INSERT INTO journal (receivedAtMs, peer, type, controlId, code, payload, acknowledgment) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    this.#trim = database.prepare("DELETE FROM journal WHERE id <= ?");
    this.#after = database.prepare("SELECT * FROM journal WHERE id > ? ORDER BY id LIMIT ?");
  }

  /** Opens the journal of a data directory and makes it where it is not there. Throws `store-failed`. */
  static open(dataDir: string, keep: number): Journal {
    const path = join(dataDir, "site.db");
    try {
      mkdirSync(dataDir, { recursive: true });
      // it holds patient data: SQLite gives its other files the mode of this one
      closeSync(openSync(path, "a", 0o600));
      const database = new DatabaseSync(path);
      // a reader (the listen command) and the writer share the file; FULL survives a power cut
      database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000");
      database.exec(SCHEMA);
      return new Journal(database, keep);
    } catch (cause) {
      throw failed(`cannot open the journal ${path}`, cause);
    }
  }

  /** Commits a message with its acknowledgment and returns its number. Throws `store-failed`. */
  async append(entry: Omit<JournalEntry, "id">): Promise<number> {
    const { receivedAtMs, peer, type, controlId, code, payload, acknowledgment } = entry;
    try {
      if (this.#appended++ % TRIM_EVERY === 0) this.#trim.run(this.lastId() + 1 - this.#keep);
      const { lastInsertRowid } = this.#insert.run(receivedAtMs, peer, type, controlId, code, payload, acknowledgment);
      return Number(lastInsertRowid);
    } catch (cause) {
      throw failed(`cannot store ${type} ${controlId} (${payload.length} bytes)`, cause);
    }
  }

  /** Returns what came after an entry, the oldest first, at most `limit` of it. Throws `store-failed`. */
  after(id: number, limit: number): JournalEntry[] {
    try {
      return this.#after.all(id, limit) as unknown as JournalEntry[];
    } catch (cause) {
      throw failed("cannot read the journal", cause);
    }
  }

  /** Returns the number of the newest entry, or 0. Throws `store-failed`. */
  lastId(): number {
    try {
      const row = this.#database.prepare("SELECT max(id) AS id FROM journal").get() as { id: number | null };
      return row.id ?? 0;
    } catch (cause) {
      throw failed("cannot read the journal", cause);
    }
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

/** SQLite's codes of a file that is damaged, or is no database at all. */
const DAMAGED = [11, 26];

function failed(what: string, cause: unknown): SafeTunnelError {
  const damaged = DAMAGED.includes((cause as { errcode?: number }).errcode ?? 0);
  return new SafeTunnelError("store-failed", `${what}: ${reasonOf(cause)}`, {
    hint: damaged
      ? "the file is damaged: move site.db away from the data directory (DATA_DIR), and a new one is made"
      : "see that the data directory (DATA_DIR) is writable and that its disk has room",
    cause,
  });
}
