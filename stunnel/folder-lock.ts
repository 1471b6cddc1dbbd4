import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SafeTunnelError } from "../src/errors.ts";
import { tryLock } from "../src/store/file-lock.ts";
import { writing } from "./pair-files.ts";

const retryMs = 50;

/** Runs an action while no other process runs one on the folder. Throws folder-locked, file-unwritable. */
export async function withFolderLock<T>(folder: string, action: () => Promise<T>, timeoutMs = 30_000): Promise<T> {
  using lock = await acquire(join(folder, ".lock"), Date.now() + timeoutMs);
  if (lock) return await action();
  throw new SafeTunnelError("folder-locked", `another gen-certs holds ${folder} for more than ${timeoutMs} ms`, {
    hint: "wait until it has finished, or stop it; the lock ends with its process",
  });
}

async function acquire(path: string, deadline: number): Promise<Disposable | undefined> {
  for (;;) {
    const lock = await writing(path, () => tryLock(path));
    if (lock || Date.now() >= deadline) return lock;
    await sleep(retryMs);
  }
}
