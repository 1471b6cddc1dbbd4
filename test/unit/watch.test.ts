import { afterEach, expect, test, vi } from "vitest";
import { Watch } from "../../src/commands/watch.ts";
import { template } from "./peer.ts";
import { SiteStore } from "./site-store.ts";
import { StillClock } from "./still-clock.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** A watch over messages that wait in the outbox, each under its control ID, and what it prints. */
async function prepare(...controlIds: string[]) {
  const site = new SiteStore();
  const clock = new StillClock();
  const printed: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => printed.push(String(text)) > 0);
  const watch = new Watch(site.outbox);
  for (const controlId of controlIds) {
    const message = template.withHeader({ 10: controlId });
    watch.add(await site.outbox.put({ type: message.type, controlId, payload: message.payload }, 1), message);
  }
  const stop = new AbortController();
  const run = watch.run(stop.signal);
  return {
    outbox: site.outbox,
    watch,
    clock,
    printed,
    end: () => {
      stop.abort();
      return run;
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await run.catch(() => {});
      clock[Symbol.dispose]();
      site[Symbol.dispose]();
    },
  };
}

const LINES = {
  A: "sent MDM^T02 A, 9021 bytes: acknowledged AA in 38 ms\n",
  B: "set aside  MDM^T02 B, 9021 bytes: AE, unknown\n",
  C: "gone  MDM^T02 C, 9021 bytes: dropped, or acknowledged too long ago to be kept\n",
};

test("what becomes of each message is told once, when it is known", async () => {
  await using watched = await prepare("A", "B", "C", "D");
  const { outbox, clock, printed } = watched;
  await clock.pass(100);
  expect(printed).toEqual([]);
  await outbox.delivered(1, "AA", 38, 1);
  await clock.pass(100);
  expect(printed).toEqual([LINES.A]);
  await outbox.setAside(2, "AE, unknown", 1);
  await outbox.drop([3]);
  await outbox.failed(4, "AR");
  await clock.pass(100);
  await clock.pass(100);
  expect(printed).toEqual([LINES.A, LINES.B, LINES.C]);
});

test("however many wait, a look asks the store for one of them, and afterwards all are told", async () => {
  await using watched = await prepare("A", "B", "C");
  const asked = vi.spyOn(watched.outbox, "outcome");
  await watched.clock.pass(100);
  expect(asked).toHaveBeenCalledTimes(1);
  for (const id of [1, 2, 3]) await watched.outbox.delivered(id, "AA", 38, 1);
  await watched.clock.pass(100);
  expect(watched.printed).toHaveLength(3);
});

test("at the stop it looks once more", async () => {
  await using watched = await prepare("A");
  await watched.outbox.delivered(1, "AA", 38, 1);
  expect(watched.printed).toEqual([]);
  await watched.end();
  expect(watched.printed).toEqual([LINES.A]);
});

test("from when the sender tells it itself, a watch says nothing more", async () => {
  await using watched = await prepare("A");
  watched.watch.silence();
  watched.watch.add(1, template);
  await watched.outbox.delivered(1, "AA", 38, 1);
  await watched.end();
  expect(watched.printed).toEqual([]);
});
