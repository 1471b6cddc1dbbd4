import type { DatabaseSync, StatementSync } from "node:sqlite";
import { Worker } from "node:worker_threads";

/** What the thread is given; `ended` holds 1 once it has closed the file. */
export interface CheckpointData {
  path: string;
  ended: Int32Array;
}

/** What SQLite says of a pass: frames that the log holds, and how many of them are in the file. */
export interface Pass {
  busy: number;
  log: number;
  checkpointed: number;
}

const MIB = 1024 * 1024;
/** How much is written before it is worth a copy: as much as SQLite itself waits for, 1000 pages of 4 KiB. */
const COPY_AT_BYTES = 4 * MIB;
/** How large the log may become while the disk is slower than what comes, where the disk has room for that. */
const MOST_LOG_BYTES = 64 * MIB;
const SHARE_OF_FREE = 8;
const END_GRACE_MS = 1000;

/**
 * Keeps SQLite's log short. To copy it into the file takes a flush of each, longer than all the commits between; so a
 * thread does that, while commits go on, and the last few frames are copied between two of them: only then does SQLite
 * begin the log anew.
 */
export class Checkpointer implements Disposable {
  readonly #worker: Worker;
  readonly #ended = new Int32Array(new SharedArrayBuffer(4));
  readonly #finish: StatementSync;
  /** What was written since the log was begun anew, as far as it can be reckoned. */
  #writtenBytes = 0;
  #copying: Promise<void> | undefined;

  constructor(database: DatabaseSync, path: string) {
    database.exec("PRAGMA wal_autocheckpoint = 0");
    this.#finish = database.prepare("PRAGMA wal_checkpoint(PASSIVE)");
    const workerData: CheckpointData = { path, ended: this.#ended };
    this.#worker = new Worker(new URL("./checkpoint-worker.ts", import.meta.url), { workerData });
    this.#worker.on("error", () => {}).unref();
  }

  /** Hears of a commit, and has the log copied when that is worth it. */
  committed(bytes: number): void {
    this.#writtenBytes += bytes;
    if (this.#writtenBytes > COPY_AT_BYTES) this.#copying ??= this.#copy();
  }

  /** Returns what has to be waited for before more is written, since the disk does not keep up, or undefined. */
  full(freeBytes: number): Promise<void> | undefined {
    const mostBytes = Math.min(MOST_LOG_BYTES, Math.max(COPY_AT_BYTES, freeBytes / SHARE_OF_FREE));
    return this.#writtenBytes > mostBytes ? this.#copying : undefined;
  }

  async #copy(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    // a thread that could not start, or died, leaves its work to us
    this.#worker.once("message", resolve).once("exit", resolve);
    this.#worker.postMessage("copy");
    await promise;
    this.#worker.removeAllListeners("message").removeAllListeners("exit");
    try {
      const { log, checkpointed } = this.#finish.get() as unknown as Pass;
      // else somebody reads what is older, and SQLite goes on behind what it has
      if (log === checkpointed) this.#writtenBytes = 0;
    } catch {
      // the file is closed, or the next commit says what is wrong
    } finally {
      this.#copying = undefined;
    }
  }

  [Symbol.dispose](): void {
    this.#worker.postMessage("end");
    Atomics.wait(this.#ended, 0, 0, END_GRACE_MS);
  }
}
