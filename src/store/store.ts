import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { reasonOf, SafeTunnelError } from "../errors.ts";
import { isBusy, makePrivate, sqliteCodeOf } from "./file-lock.ts";
import { SCHEMA_STEPS } from "./schema.ts";

/** What a commit survives: `full` a power cut, `normal` the end of every process but not that. */
export type StoreSync = "full" | "normal";

interface Write {
  work: () => void;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** The one SQLite file of a site. Writes that come together share a commit, since each commit is a disk flush. */
export class Store implements Disposable {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #inode: number;
  #waiting: Write[] = [];

  private constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#path = path;
    this.#inode = statSync(path).ino;
  }

  /** Opens the file of a data directory, and makes or completes it where it has to. Throws `store-failed`. */
  static open(dataDir: string, sync: StoreSync): Store {
    const path = join(dataDir, "site.db");
    return guarded(`open the store ${path}`, () => {
      mkdirSync(dataDir, { recursive: true });
      // it holds patient data: SQLite gives its other files the mode of this one
      makePrivate(path);
      const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
      // commands of other processes share the file
      enterWal(database);
      database.exec(`PRAGMA synchronous = ${sync}; PRAGMA foreign_keys = ON`);
      complete(database, path);
      return new Store(database, path);
    });
  }

  /** Prepares a statement. Throws `store-failed`. */
  prepare(sql: string): StatementSync {
    return guarded("read the store", () => this.#database.prepare(sql));
  }

  /** Reads, with the error of this project. Throws `store-failed`. */
  read<T>(action: () => T): T {
    return guarded("read the store", action);
  }

  /** Runs work in the next commit and returns what it returned, once that is on disk. Throws `store-failed`. */
  async write<T>(what: string, work: () => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    let result: T;
    const write: Write = {
      work: () => {
        result = work();
      },
      resolve: () => resolve(result),
      reject: (cause) => reject(failed(what, cause)),
    };
    // what other connections bring in this turn of the loop joins in
    if (this.#waiting.push(write) === 1) setImmediate(() => this.#flush());
    return promise;
  }

  [Symbol.dispose](): void {
    if (!this.#database.isOpen) return;
    this.#flush();
    this.#database.close();
  }

  #flush(): void {
    const writes = this.#waiting;
    this.#waiting = [];
    if (writes.length === 0) return;
    const culprit = this.#commit(writes);
    // what one message cannot have, as a size beyond SQLite's, is no reason to turn the others away
    if (culprit && writes.length > 1) for (const write of writes) this.#commit([write]);
  }

  /** Commits all, or returns the write that stood in the way; where the store itself fails, each is told. */
  #commit(writes: Write[]): Write | undefined {
    let at: Write | undefined;
    try {
      this.#requireInPlace();
      this.#database.exec("BEGIN IMMEDIATE");
      for (at of writes) at.work();
      at = undefined;
      this.#database.exec("COMMIT");
    } catch (cause) {
      this.#rollBack();
      if (at === undefined || writes.length === 1) for (const { reject } of writes) reject(cause);
      return at;
    }
    for (const { resolve } of writes) resolve();
    return undefined;
  }

  /** SQLite goes on writing to a file that was moved or deleted, where nobody will find it. */
  #requireInPlace(): void {
    if (statSync(this.#path, { throwIfNoEntry: false })?.ino === this.#inode) return;
    throw new SafeTunnelError("store-failed", `cannot write: ${this.#path} was moved or deleted while it was open`, {
      hint: "put it back, or start the site anew with what is there now",
    });
  }

  #rollBack(): void {
    try {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
    } catch {
      // a store that cannot even do this says so at the next write
    }
  }
}

/** How long to wait for a command of another process that writes at the same moment. */
const BUSY_TIMEOUT_MS = 5000;

/** Lets readers and a writer work at once. SQLite waits for another process at every lock but the one that this takes. */
function enterWal(database: DatabaseSync): void {
  for (const untilMs = performance.now() + BUSY_TIMEOUT_MS; ; ) {
    try {
      database.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > untilMs) throw error;
      database.exec("BEGIN IMMEDIATE; ROLLBACK");
    }
  }
}

/** Brings a new or an older file to the present shape; each step is taken once. */
function complete(database: DatabaseSync, path: string): void {
  const { user_version: done } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  if (done > SCHEMA_STEPS.length)
    throw new SafeTunnelError(
      "store-failed",
      `cannot open the store ${path}: a newer version made it (shape ${done})`,
      {
        hint: `run that version, or ${START_ANEW}`,
      },
    );
  if (done === SCHEMA_STEPS.length) return;
  // two processes may find the same new file
  database.exec("BEGIN IMMEDIATE");
  const { user_version: from } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  for (const step of SCHEMA_STEPS.slice(from)) database.exec(step);
  database.exec(`PRAGMA user_version = ${SCHEMA_STEPS.length}; COMMIT`);
}

function guarded<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw failed(what, cause);
  }
}

/** Its messages go with it; and what is not in site.db yet is in site.db-wal. */
const START_ANEW =
  "stop the site, move site.db and all whose name begins so away from the data directory (DATA_DIR), and start it";

/** SQLite's codes of a file that is damaged, or is no database at all. */
const DAMAGED = [11, 26];

function failed(what: string, cause: unknown): SafeTunnelError {
  if (cause instanceof SafeTunnelError) return cause;
  return new SafeTunnelError("store-failed", `cannot ${what}: ${reasonOf(cause)}`, { hint: hintFor(cause), cause });
}

function hintFor(cause: unknown): string {
  if (isBusy(cause)) return "another process has been writing for too long: see what else has site.db open";
  return DAMAGED.includes(sqliteCodeOf(cause))
    ? `the file is damaged: ${START_ANEW}`
    : "see that the data directory (DATA_DIR) is writable and that its disk has room";
}
