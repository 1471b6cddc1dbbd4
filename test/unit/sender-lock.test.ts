import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { becomeSender, trySender } from "../../src/commands/sender-lock.ts";
import { Scratch } from "./scratch.ts";
import { StillClock } from "./still-clock.ts";

const FILE_LOCK = new URL("../../src/store/file-lock.ts", import.meta.url);

/** A process that tries the lock of a sender whenever it is told a line, and says what came of it. */
function anotherProcess(scratch: Scratch) {
  const tries = `
    import { tryLock } from ${JSON.stringify(FILE_LOCK.href)};
    let lock;
    for await (const _ of process.stdin) console.log((lock ??= tryLock("sender.lock")) ? "is the sender" : "is not");`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", tries], { cwd: scratch.folder });
  return {
    asks: async () => {
      child.stdin.write("\n");
      return String((await once(child.stdout, "data"))[0]).trim();
    },
    kill: async () => {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

test("one process at a time is the sender of a data directory, and a killed one leaves nothing behind", async () => {
  using scratch = new Scratch();
  const other = anotherProcess(scratch);
  {
    using lock = trySender(scratch.folder);
    expect(lock).toBeDefined();
    expect(trySender(scratch.folder)).toBeUndefined();
    expect(await other.asks()).toBe("is not");
  }
  expect(await other.asks()).toBe("is the sender");
  expect(trySender(scratch.folder)).toBeUndefined();
  await other.kill();
  using again = trySender(scratch.folder);
  expect(again).toBeDefined();
});

test("a lock that cannot be asked for is an error, and not somebody else's", () => {
  using scratch = new Scratch();
  scratch.write("sender.lock", "no database ".repeat(100));
  expect(() => trySender(scratch.folder)).toThrow("file is not a database");
});

test("who waits to be the sender is it when the one before ends, and not sooner", async () => {
  using scratch = new Scratch();
  using clock = new StillClock();
  const first = trySender(scratch.folder);
  let lock: Disposable | undefined;
  const waiting = becomeSender(scratch.folder, new AbortController().signal).then((taken) => {
    lock = taken;
  });
  await clock.pass(100);
  expect(lock).toBeUndefined();
  first?.[Symbol.dispose]();
  await clock.pass(100);
  await waiting;
  expect(lock).toBeDefined();
  lock?.[Symbol.dispose]();
});

test("who waits to be the sender stops at the stop, and takes nothing after it", async () => {
  using scratch = new Scratch();
  const first = trySender(scratch.folder);
  const stop = new AbortController();
  const waiting = becomeSender(scratch.folder, stop.signal);
  stop.abort();
  first?.[Symbol.dispose]();
  expect(await waiting).toBeUndefined();
  expect(await becomeSender(scratch.folder, stop.signal)).toBeUndefined();
});
