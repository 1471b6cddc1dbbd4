/** Copies SQLite's log (WAL) into the file on a thread of its own, whenever it is asked to. */
import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import type { CheckpointData, Pass } from "./checkpoint.ts";

/** So few frames are left to who writes, who does not notice. */
const FEW_FRAMES = 64;
/** More is written meanwhile: each pass leaves less than the one before, unless the disk is slower than what comes. */
const MOST_PASSES = 8;

const { path, ended } = workerData as CheckpointData;
const database = new DatabaseSync(path, { timeout: 0 });
// it never waits, neither for who reads nor for who writes
const pass = database.prepare("PRAGMA wal_checkpoint(PASSIVE)");

parentPort?.on("message", (what: "copy" | "end") => {
  if (what === "copy") {
    copy();
    parentPort?.postMessage("copied");
    return;
  }
  database.close();
  Atomics.store(ended, 0, 1);
  Atomics.notify(ended, 0);
  parentPort?.close();
});

function copy(): void {
  try {
    for (let passes = 0; passes < MOST_PASSES; passes += 1) {
      const { busy, log, checkpointed } = pass.get() as unknown as Pass;
      if (busy === 1 || log - checkpointed < FEW_FRAMES) return;
    }
  } catch {
    // who writes copies the log itself then, and says what is wrong with the file
  }
}
