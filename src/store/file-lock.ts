import { closeSync, existsSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { isBusy } from "./sqlite-error.ts";

/** Makes a file that its owner alone reads, where there is none. */
export function makePrivate(path: string): void {
  // the system drops every lock of a process on a file that it closes, whoever in it has opened that
  if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
}

/**
 * Takes the lock of a file, or returns undefined where another process has it. It is SQLite's on an empty file, because
 * that is the operating system's own and goes with its process, in whatever container that ran. A file with a pid goes
 * stale, and a pid says nothing in another container.
 */
export function tryLock(path: string): Disposable | undefined {
  makePrivate(path);
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // the journal in memory leaves no second file behind
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return database;
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}
