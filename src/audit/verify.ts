import { linesOf, trailFiles } from "./files.ts";
import { type ChainEnd, NO_RECORD, readRecord } from "./record.ts";

/** The first place at which a trail is not what was written. */
interface Broken {
  file: string;
  /** Of the file, counted from 1. */
  line: number;
  why: string;
}

/** What a look at all of a trail found. */
export interface Verified {
  files: number;
  records: number;
  /** The number of the oldest record that is there. */
  first: number;
  last: ChainEnd;
  broken?: Broken;
}

/** Follows the chain through all files of a trail, up to the first record that does not fit. */
export function verifyTrail(directory: string): Verified {
  const names = trailFiles(directory);
  const seen: Verified = { files: names.length, records: 0, first: 0, last: NO_RECORD };
  for (const file of names) {
    const lines = linesOf(directory, file);
    const unfinished = lines.pop();
    for (const [index, line] of lines.entries()) {
      const why = faultOf(line, seen);
      if (why) return { ...seen, broken: { file, line: index + 1, why } };
    }
    if (unfinished)
      return { ...seen, broken: { file, line: lines.length + 1, why: `${after(seen)} is cut in the middle` } };
  }
  return seen;
}

/** Takes a record in, or says what is wrong with it. */
function faultOf(line: string, seen: Verified): string | undefined {
  const record = readRecord(line);
  if (!record) return `${after(seen)} is no record any more`;
  const { sequence, previous, hash, sound } = record;
  const name = `record ${sequence}`;
  if (!sound) return `${name} was changed: its hash is not that of its content`;
  const { last } = seen;
  // what is older than the oldest file was put out of the trail in its time
  const isOldest = seen.records === 0 && sequence > 1;
  if (!isOldest && sequence !== last.sequence + 1)
    return `${name} stands behind record ${last.sequence}: ${hole(last, sequence)}`;
  if (!isOldest && previous !== last.hash)
    return `${name} does not hold the hash of record ${last.sequence}: one of them is another's`;
  if (seen.records === 0) seen.first = sequence;
  seen.records += 1;
  seen.last = { sequence, hash };
  return undefined;
}

const after = ({ last }: Verified) => `record ${last.sequence + 1}`;

function hole(last: ChainEnd, sequence: number): string {
  const missing = sequence - last.sequence - 1;
  if (missing <= 0) return "the order was changed";
  return missing === 1 ? `record ${last.sequence + 1} is missing` : `${missing} records are missing`;
}
