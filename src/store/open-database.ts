import { DatabaseSync } from "node:sqlite";
import { complete } from "./schema.ts";
import { isBusy } from "./sqlite-error.ts";

/** What a commit survives: `full` a power cut, `normal` the end of every process but not that. */
export type StoreSync = "full" | "normal";

/** How long to wait for a command of another process that writes at the same moment. */
const BUSY_TIMEOUT_MS = 5000;

/** Opens the file of a site, and makes or completes it where it has to. Throws what SQLite throws, `store-failed`. */
export function openDatabase(path: string, sync: StoreSync): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    // in a new file: room that is given back once it is delivered, and half as many pages for a message (performance.md)
    database.exec("PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL");
    // commands of other processes share the file
    enterWal(database);
    database.exec(`PRAGMA synchronous = ${sync}; PRAGMA foreign_keys = ON`);
    // a site has no folder for SQLite's temporary files, of which it would want one every few thousand messages
    database.exec("PRAGMA temp_store = MEMORY");
    complete(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

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
