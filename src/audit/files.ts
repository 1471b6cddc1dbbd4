import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The file that is appended to. */
export const CURRENT = "audit.log";

const FULL = /^audit-\d{12}\.log$/;

/** Returns where the trail of a data directory is. */
export const trailDirectory = (dataDir: string): string => join(dataDir, "audit");

/** Names a file that is full by the number of its first record, so that the order of names is the order of records. */
export const fullName = (firstSequence: number): string => `audit-${String(firstSequence).padStart(12, "0")}.log`;

/** Returns the names of the files of a trail, the oldest first; none where there is no trail. */
export function trailFiles(directory: string): string[] {
  const names = namesIn(directory);
  return [...names.filter((name) => FULL.test(name)).sort(), ...names.filter((name) => name === CURRENT)];
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** Returns the lines of a file, a character a byte; the last one is empty where the file ends as it should. */
export const linesOf = (directory: string, name: string): string[] =>
  readFileSync(join(directory, name), "latin1").split("\n");
