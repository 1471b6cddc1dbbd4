import { closeSync, openSync } from "node:fs";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { Worker } from "node:worker_threads";

/** What the thread is given; `ended` holds 1 once it has closed the file. */
export interface CheckpointData {
  path: string;
  /** The file once more, to flush it. */
  fd: number;
  ended: Int32Array;
}

/** What SQLite says of a pass: frames, one a page, that the log holds, and how many of them are in the file. */
export interface Pass {
  busy: number;
  log: number;
  checkpointed: number;
}

const MIB = 1024 * 1024;
/** How large the log may become on the smallest disk, as SQLite itself has it; it is copied in parts, as it grows. */
const LEAST_LOG_BYTES = 4 * MIB;
const COPIES_A_LOG = 6;
/** How large the log may become while the disk is slower than what comes, where the disk has room for that. */
const MOST_LOG_BYTES = 64 * MIB;
const SHARE_OF_FREE = 8;
/** While it is copied more is written: each pass leaves less, unless the disk is slower than what comes. */
const MOST_PASSES = 4;
/** So few are copied by who writes, and nobody notices. */
const FEW_FRAMES = 128;
/** Nobody waits for what is done after a silence. */
const SILENCE_MS = 50;
const END_GRACE_MS = 1000;

/**
 * Keeps SQLite's log short. To copy it into the file takes longer than all the commits between, since both are flushed; so
 * a thread does that while commits go on. SQLite begins its log anew only when all of it is copied, for which nobody may
 * write: that last step is taken seldom, or in a silence, and between two commits.
 */
export class Checkpointer implements Disposable {
  readonly #database: DatabaseSync;
  readonly #fd: number;
  readonly #worker: Worker;
  readonly #ended = new Int32Array(new SharedArrayBuffer(4));
  readonly #last: StatementSync;
  /** What was written since the log was begun anew, and since it was copied, as far as it can be reckoned. */
  #logBytes = 0;
  #uncopiedBytes = 0;
  #mostBytes = LEAST_LOG_BYTES;
  #copying: Promise<void> | undefined;
  #onPass: (pass: Pass | undefined) => void = () => {};
  #gone = false;
  readonly #silence: NodeJS.Timeout;

  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#fd = openSync(path, "r");
    database.exec("PRAGMA wal_autocheckpoint = 0");
    this.#last = database.prepare("PRAGMA wal_checkpoint(PASSIVE)");
    const workerData: CheckpointData = { path, fd: this.#fd, ended: this.#ended };
    this.#worker = new Worker(new URL("./checkpoint-worker.ts", import.meta.url), { workerData });
    this.#worker.on("message", (pass) => this.#onPass(pass)).on("error", () => {});
    this.#worker.on("exit", () => {
      this.#gone = true;
      this.#onPass(undefined);
    });
    this.#worker.unref();
    this.#silence = setTimeout(() => this.#finish(LEAST_LOG_BYTES), SILENCE_MS).unref();
  }

  /** Hears of a commit, and has the log copied when that is worth it. */
  committed(bytes: number, freeBytes: number): void {
    this.#logBytes += bytes;
    this.#uncopiedBytes += bytes;
    this.#mostBytes = Math.min(MOST_LOG_BYTES, Math.max(LEAST_LOG_BYTES, freeBytes / SHARE_OF_FREE));
    if (this.#uncopiedBytes > this.#mostBytes / COPIES_A_LOG) this.#copying ??= this.#copy();
    this.#silence.refresh();
  }

  /** Returns what has to be waited for before more is written, since the disk does not keep up, or undefined. */
  get full(): Promise<void> | undefined {
    return this.#logBytes > this.#mostBytes ? this.#copying : undefined;
  }

  async #copy(): Promise<void> {
    const isDue = () => this.#logBytes > this.#mostBytes / 2;
    for (let passes = 0; passes < MOST_PASSES; passes += 1) {
      this.#uncopiedBytes = 0;
      const pass = await this.#pass();
      if (!isDue() || !pass || pass.busy === 1 || pass.log - pass.checkpointed < FEW_FRAMES) break;
    }
    this.#copying = undefined;
    if (isDue()) this.#finish(0);
  }

  /** Lets the thread copy, or returns undefined where it could not start, or died: then its work is ours. */
  async #pass(): Promise<Pass | undefined> {
    if (this.#gone) return undefined;
    const { promise, resolve } = Promise.withResolvers<Pass | undefined>();
    this.#onPass = resolve;
    this.#worker.postMessage("copy");
    return await promise;
  }

  /** Copies what is left of a log that has become longer than `leastBytes`. */
  #finish(leastBytes: number): void {
    if (this.#logBytes <= leastBytes || this.#copying || !this.#database.isOpen) return;
    try {
      const { log, checkpointed } = this.#last.get() as unknown as Pass;
      // else somebody reads what is older, and SQLite goes on behind what it has
      if (log === checkpointed) this.#logBytes = 0;
    } catch {
      // the next commit says what is wrong
    }
  }

  /** Ends the thread and closes the file. */
  [Symbol.dispose](): void {
    clearTimeout(this.#silence);
    if (!this.#gone) {
      this.#worker.postMessage("end");
      Atomics.wait(this.#ended, 0, 0, END_GRACE_MS);
    }
    this.#database.close();
    // not before: the system drops every lock of a process on a file that it closes
    closeSync(this.#fd);
  }
}
