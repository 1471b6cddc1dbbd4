/** Long enough for many messages, which are told of in a fraction of the time of each alone; short for who reads along. */
const WINDOW_MS = 100;
/** So many at once hold up no other message for longer than one takes. */
const MOST_WAITING = 64;

const waiting: { atMs: number; tell: () => void }[] = [];
const writers = new Set<() => void>();
let timer: NodeJS.Timeout | undefined;
/** When that happened which is being told of. */
let happenedAtMs: number | undefined;
let telling = false;

// ahead of those who write on exit what they were told
process.prependListener("exit", tellWaiting);

/**
 * Tells of something within 100 ms, at the time and in the order in which it happened: nobody who exchanges messages waits
 * for what is written of them. It may read of a message what is a string already, not its payload, whose buffer serves
 * again. A process that is killed tells nothing of those 100 ms, and loses no message.
 */
export function tellAfterwards(tell: () => void): void {
  waiting.push({ atMs: Date.now(), tell });
  // those that come meanwhile do not put it off again
  if (waiting.length === MOST_WAITING) tellSoon();
  timer ??= setTimeout(tellWaiting, WINDOW_MS).unref();
}

/** Tells of it once what is at hand is done, so that no answer waits for that. */
function tellSoon(): void {
  clearTimeout(timer);
  timer = setTimeout(tellWaiting, 0);
}

/** Tells of what waits, for whoever is to read it now. */
export function tellWaiting(): void {
  clearTimeout(timer);
  timer = undefined;
  if (waiting.length === 0) return;
  telling = true;
  try {
    for (let happened = waiting.shift(); happened; happened = waiting.shift()) {
      happenedAtMs = happened.atMs;
      happened.tell();
    }
  } finally {
    happenedAtMs = undefined;
    telling = false;
    // one that failed keeps nothing of the others
    if (waiting.length > 0) tellSoon();
    for (const write of writers) write();
  }
}

/** Whether what is told now is part of many, behind which those are called that `writeAfterTelling` has. */
export const isTelling = (): boolean => telling;

/** Has somebody called each time that many messages were told of, to write what was collected; returns how to end that. */
export function writeAfterTelling(write: () => void): () => void {
  writers.add(write);
  return () => void writers.delete(write);
}

/** Returns the time of what is being told of; what happened before it is told of first. */
export function timeToTellMs(): number {
  if (!telling && waiting.length > 0) tellWaiting();
  return happenedAtMs ?? Date.now();
}
