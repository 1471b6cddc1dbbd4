import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CURRENT, linesOf, trailFiles } from "./files.ts";
import { type ChainEnd, NO_RECORD, readRecord } from "./record.ts";

/** Where an earlier process has left a trail. */
interface Found {
  end: ChainEnd;
  firstInFile: number;
  /** How much of the file that is written consists of whole records. */
  soundBytes: number;
}

/** Finds the last whole record of a trail; behind it may stand what a kill or a power cut has left. */
export function findEnd(directory: string): Found {
  let end = NO_RECORD;
  let firstInFile = 0;
  let soundBytes = 0;
  // the oldest files say nothing of the end
  for (const name of trailFiles(directory).slice(-2)) {
    const lines = linesOf(directory, name);
    const last = lines.findLastIndex((line) => readRecord(line)?.sound);
    const record = readRecord(lines[last] ?? "");
    if (record) end = { sequence: record.sequence, hash: record.hash };
    if (name !== CURRENT) continue;
    soundBytes = lines.slice(0, last + 1).reduce((sum, line) => sum + line.length + 1, 0);
    firstInFile = readRecord(lines[0] ?? "")?.sequence ?? 0;
  }
  return { end, firstInFile: firstInFile || end.sequence + 1, soundBytes };
}

/** What stood behind the whole records of a trail. */
export interface Aside {
  bytes: number;
  /** The file that has it now; none where the disk had no room for that. */
  file?: string;
}

/** Moves what stands behind the whole records into a file of its own. */
export function putAside(directory: string, soundBytes: number): Aside | undefined {
  const path = join(directory, CURRENT);
  const rest = contentOf(path).subarray(soundBytes);
  if (rest.length === 0) return undefined;
  const file = `aside-${new Date().toISOString().replaceAll(":", "")}`;
  try {
    writeFileSync(join(directory, file), rest, { mode: 0o600, flag: "wx" });
  } catch {
    // a full disk is no reason for a site not to start
    rmSync(join(directory, file), { force: true });
    truncateSync(path, soundBytes);
    return { bytes: rest.length };
  }
  truncateSync(path, soundBytes);
  return { bytes: rest.length, file };
}

function contentOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
}

// a repeat names the entry that it repeats under another word
const NUMBER_IN_JOURNAL = /"journalId":(\d+)/;

/** Returns the number of the last entry of the journal that has a record, or 0. */
export function lastJournalId(directory: string): number {
  for (const name of trailFiles(directory).reverse()) {
    const line = linesOf(directory, name).findLast((each) => NUMBER_IN_JOURNAL.test(each));
    if (line) return Number(NUMBER_IN_JOURNAL.exec(line)?.[1]);
  }
  return 0;
}

/** Whether the last record of a trail is of a given event. */
export function endsWith(directory: string, event: string): boolean {
  const last = trailFiles(directory).at(-1);
  const line = last && linesOf(directory, last).at(-2);
  return line?.includes(`"event":"${event}"`) === true;
}
