import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { Checkpointer } from "./checkpoint.ts";
import { Disk } from "./disk.ts";
import { makePrivate } from "./file-lock.ts";
import { openDatabase, type StoreSync } from "./open-database.ts";
import { Reserve } from "./reserve.ts";
import { isFull, storeFailed } from "./sqlite-error.ts";

interface Write {
  work: () => void;
  sizeBytes: number;
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

/** What a commit writes beside what its messages have, about. */
const COMMIT_BYTES = 4 * 8192;

/** The one SQLite file of a site. Writes that come together share a commit, since each commit is a disk flush. */
export class Store implements Disposable {
  readonly #database: DatabaseSync;
  readonly #disk: Disk;
  readonly #reserve: Reserve;
  readonly #runsForLong: boolean;
  readonly #checkpointer: Checkpointer | undefined;
  readonly #begin: StatementSync;
  readonly #end: StatementSync;
  #waiting: Write[] = [];
  #freeBytes = 0;

  private constructor(database: DatabaseSync, path: string, reserve: Reserve, runsForLong: boolean) {
    this.#database = database;
    this.#disk = new Disk(path, reserve);
    this.#reserve = reserve;
    this.#runsForLong = runsForLong;
    this.#checkpointer = runsForLong ? new Checkpointer(database, path) : undefined;
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#end = database.prepare("COMMIT");
  }

  /**
   * Opens the file of a data directory, and makes or completes it where it has to. Who runs for long keeps a reserve on
   * the disk beside it, and a thread that keeps SQLite's log short. Throws `store-failed`.
   */
  static open(dataDir: string, sync: StoreSync, runsForLong = false): Store {
    const path = join(dataDir, "site.db");
    const reserve = new Reserve(dataDir);
    return guarded(`open the store ${path}`, () => {
      mkdirSync(dataDir, { recursive: true });
      // it holds patient data: SQLite gives its other files the mode of this one
      makePrivate(path);
      const database = reserve.use(() => openDatabase(path, sync));
      if (runsForLong) reserve.restore();
      return new Store(database, path, reserve, runsForLong);
    });
  }

  /** How many bytes it has on the disk. */
  get sizeBytes(): number {
    return this.#disk.sizeBytes;
  }

  /** Prepares a statement. Throws `store-failed`. */
  prepare(sql: string): StatementSync {
    return guarded("read the store", () => this.#database.prepare(sql));
  }

  /** Reads, with the error of this project. Throws `store-failed`. */
  read<T>(action: () => T): T {
    return guarded("read the store", action);
  }

  /**
   * Runs work in the next commit and returns what it returned, once that is on disk; `sizeBytes` is what it adds beside
   * a few pages. Throws `store-failed`.
   */
  write<T>(what: string, work: () => T, sizeBytes = 0): Promise<T> {
    return this.#enqueue(what, work, sizeBytes, false);
  }

  /** Does the same with work that deletes, which goes on where the disk is full. Throws `store-failed`. */
  free<T>(what: string, work: () => T): Promise<T> {
    return this.#enqueue(what, work, 0, true);
  }

  #enqueue<T>(what: string, work: () => T, sizeBytes: number, frees: boolean): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    let result: T;
    const write: Write = {
      frees,
      sizeBytes,
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
    this.#commitWaiting();
    if (this.#checkpointer) this.#checkpointer[Symbol.dispose]();
    else this.#database.close();
  }

  #flush(): void {
    // the disk does not keep up: who writes more has to wait for it
    const full = this.#checkpointer?.full;
    if (full) void full.then(() => this.#flush());
    else this.#commitWaiting();
  }

  #commitWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    const { noRoom, freeBytes } = this.#disk.room(() => this.#regain());
    this.#freeBytes = freeBytes;
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
    if (!this.#runsForLong || this.#reserve.isThere) return;
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
      if (!this.#database.isOpen) throw new Error("database is not open");
      this.#disk.requireInPlace();
      this.#begin.run();
      for (at of writes) at.work();
      at = undefined;
      this.#end.run();
    } catch (cause) {
      // SQLite rolls some of them back by itself
      if (this.#database.isOpen && this.#database.isTransaction) this.#quietly("ROLLBACK");
      return { cause, ofOne: at !== undefined };
    }
    let bytes = COMMIT_BYTES;
    for (const { resolve, sizeBytes } of writes) {
      bytes += sizeBytes;
      resolve();
    }
    this.#checkpointer?.committed(bytes, this.#freeBytes);
    return undefined;
  }

  #quietly(sql: string): void {
    try {
      this.#database.exec(sql);
    } catch {
      // a store that cannot even do this says so at the next write
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
