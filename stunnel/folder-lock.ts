import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { SafeTunnelError } from "../src/errors.ts";
import { writing } from "./pair-files.ts";

const sqliteBusy = 5;
const retryMs = 50;

/** Runs an action while no other process runs one on the folder. Throws folder-locked, file-unwritable. */
export async function withFolderLock<T>(folder: string, action: () => Promise<T>, timeoutMs = 30_000): Promise<T> {
  using lock = await acquire(join(folder, ".lock"), Date.now() + timeoutMs);
  if (lock) return await action();
  throw new SafeTunnelError("folder-locked", `another gen-certs holds ${folder} for more than ${timeoutMs} ms`, {
    hint: "wait until it has finished, or stop it; the lock ends with its process",
  });
}

/*
 * The lock is SQLite's on an empty file, because that is the operating system's own and goes with its process, in
 * whatever container that process ran. A file with a pid goes stale, and a pid says nothing in another container.
 */
async function acquire(path: string, deadline: number): Promise<DatabaseSync | undefined> {
  for (;;) {
    const lock = await writing(path, () => tryAcquire(path));
    if (lock || Date.now() >= deadline) return lock;
    await sleep(retryMs);
  }
}

function tryAcquire(path: string): DatabaseSync | undefined {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // The journal in memory leaves no second file behind.
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return database;
  } catch (error) {
    database.close();
    if (error instanceof Error && "errcode" in error && error.errcode === sqliteBusy) return undefined;
    throw error;
  }
}
