import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { SafeTunnelError } from "../errors.ts";
import { makePrivate } from "./file-lock.ts";
import { Reserve } from "./reserve.ts";
import { complete } from "./schema.ts";
import { isBusy, isFull, storeFailed } from "./sqlite-error.ts";

/** What a commit survives: `full` a power cut, `normal` the end of every process but not that. */
export type StoreSync = "full" | "normal";

interface Write {
  work: () => void;
  /** Whether it makes room, and may take the reserve of the disk for that. */
  frees: boolean;
  resolve: () => void;
  reject: (error: unknown) => void;
}

interface Failure {
  cause: unknown;
  /** Whether it was the work of one write, and not the store. */
  ofOne: boolean;
}

/** The one SQLite file of a site. Writes that come together share a commit, since each commit is a disk flush. */
export class Store implements Disposable {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #inode: number;
  readonly #reserve: Reserve;
  readonly #keepsReserve: boolean;
  #waiting: Write[] = [];

  private constructor(database: DatabaseSync, path: string, reserve: Reserve, keepsReserve: boolean) {
    this.#database = database;
    this.#path = path;
    this.#inode = statSync(path).ino;
    this.#reserve = reserve;
    this.#keepsReserve = keepsReserve;
  }

  /**
   * Opens the file of a data directory, and makes or completes it where it has to. Who runs for long keeps a reserve on
   * the disk beside it. Throws `store-failed`.
   */
  static open(dataDir: string, sync: StoreSync, keepsReserve = false): Store {
    const path = join(dataDir, "site.db");
    const reserve = new Reserve(dataDir);
    return guarded(`open the store ${path}`, () => {
      mkdirSync(dataDir, { recursive: true });
      // it holds patient data: SQLite gives its other files the mode of this one
      makePrivate(path);
      const database = reserve.use(() => openDatabase(path, sync));
      if (keepsReserve) reserve.restore();
      return new Store(database, path, reserve, keepsReserve);
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
  write<T>(what: string, work: () => T): Promise<T> {
    return this.#enqueue(what, work, false);
  }

  /** Does the same with work that deletes, which goes on where the disk is full. Throws `store-failed`. */
  free<T>(what: string, work: () => T): Promise<T> {
    return this.#enqueue(what, work, true);
  }

  async #enqueue<T>(what: string, work: () => T, frees: boolean): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    let result: T;
    const write: Write = {
      frees,
      work: () => {
        result = work();
      },
      resolve: () => resolve(result),
      reject: (cause) => reject(storeFailed(what, cause)),
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
    if (this.#keepsReserve && !this.#reserve.isThere) this.#regain();
    const waiting = this.#waiting;
    this.#waiting = [];
    const noRoom = this.#reserve.lack();
    const writes = noRoom ? waiting.filter(({ frees }) => frees) : waiting;
    if (noRoom) for (const { frees, reject } of waiting) if (!frees) reject(noRoom);
    const failure = writes.length > 0 ? this.#commit(writes) : undefined;
    if (!failure) return;
    // what one message cannot have, or needs too much of, is no reason to turn the others away
    const each = isFull(failure.cause) || (failure.ofOne && writes.length > 1);
    for (const write of writes) {
      const own = each ? this.#commitAlone(write) : failure;
      if (own) write.reject(own.cause);
    }
  }

  /** Gives back to the disk what the file does not need any more, until there is a reserve again. */
  #regain(): void {
    this.#quietly("PRAGMA incremental_vacuum(1000); PRAGMA wal_checkpoint(TRUNCATE)");
    this.#reserve.restore();
  }

  #commitAlone(write: Write): Failure | undefined {
    const failure = this.#commit([write]);
    if (!failure || !write.frees || !isFull(failure.cause)) return failure;
    this.#reserve.spend();
    this.#quietly("PRAGMA wal_checkpoint(TRUNCATE)");
    return this.#commit([write]);
  }

  /** Commits all, or returns what stood in the way. */
  #commit(writes: Write[]): Failure | undefined {
    let at: Write | undefined;
    try {
      this.#requireInPlace();
      this.#database.exec("BEGIN IMMEDIATE");
      for (at of writes) at.work();
      at = undefined;
      this.#database.exec("COMMIT");
    } catch (cause) {
      // SQLite rolls some of them back by itself
      if (this.#database.isOpen && this.#database.isTransaction) this.#quietly("ROLLBACK");
      return { cause, ofOne: at !== undefined };
    }
    for (const { resolve } of writes) resolve();
    return undefined;
  }

  /** SQLite goes on writing to a file that was moved or deleted, where nobody will find it. */
  #requireInPlace(): void {
    if (statSync(this.#path, { throwIfNoEntry: false })?.ino === this.#inode) return;
    throw new SafeTunnelError("store-failed", `${this.#path} was moved or deleted while it was open`, {
      hint: "put it back, or start the site anew with what is there now",
    });
  }

  #quietly(sql: string): void {
    try {
      this.#database.exec(sql);
    } catch {
      // a store that cannot even do this says so at the next write
    }
  }
}

function openDatabase(path: string, sync: StoreSync): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    // in a new file, so that a full disk gets back what was delivered
    database.exec("PRAGMA auto_vacuum = INCREMENTAL");
    // commands of other processes share the file
    enterWal(database);
    database.exec(`PRAGMA synchronous = ${sync}; PRAGMA foreign_keys = ON`);
    complete(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
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

function guarded<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw storeFailed(what, cause);
  }
}
