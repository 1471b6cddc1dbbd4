/** Copies SQLite's log (WAL) into the file on a thread of its own, whenever it is asked to, and says what is left. */
import { fsyncSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { CheckpointData, Pass } from "./checkpoint.ts";

function serve(port: MessagePort, { path, fd, ended }: CheckpointData): void {
  const database = new DatabaseSync(path, { timeout: 0 });
  // it never waits, neither for who reads nor for who writes
  const passive = database.prepare("PRAGMA wal_checkpoint(PASSIVE)");
  const copy = (): Pass | undefined => {
    try {
      const pass = passive.get() as unknown as Pass;
      // SQLite flushes the file when all is copied, which only who writes can bring to an end: little is left to flush then
      fsyncSync(fd);
      return pass;
    } catch {
      // who writes copies the log itself then, and says what is wrong with the file
      return undefined;
    }
  };
  port.on("message", (what: "copy" | "end") => {
    if (what === "copy") {
      port.postMessage(copy());
      return;
    }
    database.close();
    Atomics.store(ended, 0, 1);
    Atomics.notify(ended, 0);
    port.close();
  });
}

// the build of the image loads this file as well, to compile it
if (parentPort) serve(parentPort, workerData as CheckpointData);
