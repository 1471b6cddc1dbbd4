import { join } from "node:path";
import { tryLock } from "../store/file-lock.ts";
import { pauseUnlessStopped } from "./stop.ts";

const POLL_MS = 100;

/** Makes this process the one sender of a data directory, or returns undefined where another one is. */
export function trySender(dataDir: string): Disposable | undefined {
  return tryLock(join(dataDir, "sender.lock"));
}

/** Waits until this process is the one sender of a data directory, or returns undefined at the stop. */
export async function becomeSender(dataDir: string, stop: AbortSignal): Promise<Disposable | undefined> {
  while (!stop.aborted) {
    const lock = trySender(dataDir);
    if (lock) return lock;
    await pauseUnlessStopped(POLL_MS, stop);
  }
  return undefined;
}
