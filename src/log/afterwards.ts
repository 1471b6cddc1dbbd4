/** Long enough for several messages, which are told of in a fraction of the time of each alone; short for who reads along. */
const WINDOW_MS = 25;

const waiting: { atMs: number; tell: () => void }[] = [];
let timer: NodeJS.Timeout | undefined;
/** When that happened which is being told of. */
let happenedAtMs: number | undefined;

// ahead of those who write on exit what they were told
process.prependListener("exit", tellWaiting);

/**
 * Tells of something within 25 ms, at the time and in the order in which it happened: nobody who exchanges messages waits
 * for what is written of them. A process that is killed tells nothing of those 25 ms, and loses no message.
 */
export function tellAfterwards(tell: () => void): void {
  waiting.push({ atMs: Date.now(), tell });
  timer ??= setTimeout(tellWaiting, WINDOW_MS).unref();
}

/** Tells of what waits, for whoever is to read it now. */
export function tellWaiting(): void {
  clearTimeout(timer);
  timer = undefined;
  for (let happened = waiting.shift(); happened; happened = waiting.shift()) {
    const { atMs, tell } = happened;
    happenedAtMs = atMs;
    try {
      tell();
    } finally {
      happenedAtMs = undefined;
    }
  }
}

/** Returns the time of what is being told of; what happened before it is told of first. */
export function timeToTellMs(): number {
  if (happenedAtMs === undefined && waiting.length > 0) tellWaiting();
  return happenedAtMs ?? Date.now();
}
