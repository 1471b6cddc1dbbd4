import { reasonOf, SafeTunnelError } from "../errors.ts";

const SQLITE_BUSY = 5;
const SQLITE_FULL = 13;
/** SQLite's codes of a file that is damaged, or is no database at all. */
const DAMAGED = [11, 26];

/** Its messages go with it; and what is not in site.db yet is in site.db-wal. */
export const START_ANEW =
  "stop the site, move site.db and all whose name begins so away from the data directory (DATA_DIR), and start it";

/** Returns SQLite's code of an error, or 0 where it is none of SQLite's. */
function sqliteCodeOf(error: unknown): number {
  const { errcode } = (error ?? {}) as { errcode?: number };
  // the bits above refine it: 261 is SQLITE_BUSY during a recovery
  return (errcode ?? 0) & 0xff;
}

/** Whether SQLite says that another process has the lock. */
export const isBusy = (error: unknown): boolean => sqliteCodeOf(error) === SQLITE_BUSY;

/** Whether SQLite says that the disk is full. */
export const isFull = (error: unknown): boolean => sqliteCodeOf(error) === SQLITE_FULL;

/** Returns what could not be done with the store as the error of this project. */
export function storeFailed(what: string, cause: unknown): SafeTunnelError {
  const hint = cause instanceof SafeTunnelError ? cause.hint : hintFor(cause);
  return new SafeTunnelError("store-failed", `cannot ${what}: ${reasonOf(cause)}`, { hint, cause });
}

function hintFor(cause: unknown): string {
  if (isBusy(cause)) return "another process has been writing for too long: see what else has site.db open";
  return DAMAGED.includes(sqliteCodeOf(cause))
    ? `the file is damaged: ${START_ANEW}`
    : "see that the data directory (DATA_DIR) is writable and that its disk has room";
}
