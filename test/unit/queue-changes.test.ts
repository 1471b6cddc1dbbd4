import { expect, test } from "vitest";
import { linesOf, ok, prepareQueue, QUEUED_AT } from "./queue-kit.ts";

const DELIVERED_AT_MS = Date.parse(QUEUED_AT) + 38;

test("queue retry puts what was set aside back in its place", async () => {
  using site = await prepareQueue();
  expect(await site.queue("retry", "4", "3")).toEqual(ok("#4 is sent again", "#3 is sent again"));
  expect(site.outbox.counts()).toEqual({ waiting: 5, setAside: 0 });
  expect(site.outbox.list().map(({ id }) => id)).toEqual([1, 2, 3, 4, 5]);
});

test("queue retry does what can be done, and names the rest", async () => {
  using site = await prepareQueue();
  const { code, stdout, stderr } = await site.queue("retry", "3", "2");
  expect([code, stdout, stderr]).toEqual([1, "#3 is sent again\n", expect.stringContaining("#2 is not set aside")]);
  expect(site.outbox.counts()).toEqual({ waiting: 4, setAside: 1 });
});

test("queue retry --all puts back all that was set aside", async () => {
  using site = await prepareQueue();
  expect(await site.queue("retry", "--all")).toEqual(ok("#3 is sent again", "#4 is sent again"));
  expect(await site.queue("retry", "--all")).toEqual(ok("nothing was set aside"));
});

test("queue drop takes a message out, be it set aside or waiting", async () => {
  using site = await prepareQueue();
  expect(await site.queue("drop", "3", "1", "1")).toEqual(
    ok("#3 is dropped, and not sent again", "#1 is dropped, and not sent again"),
  );
  expect(site.outbox.list().map(({ id }) => id)).toEqual([4, 2, 5]);
});

test("queue drop --all takes out what was set aside, and nothing that waits", async () => {
  using site = await prepareQueue();
  expect(await site.queue("drop", "--all")).toEqual(
    ok("#3 is dropped, and not sent again", "#4 is dropped, and not sent again"),
  );
  expect(site.outbox.list().map(({ id }) => id)).toEqual([1, 2, 5]);
});

test("queue delivered tells what was acknowledged, the newest last", async () => {
  using site = await prepareQueue();
  for (const id of [1, 2, 5]) await site.outbox.delivered(id, "AA", 37.6, DELIVERED_AT_MS);
  const facts = { type: "MDM^T02", sizeBytes: 9021, code: "AA", durationMs: 38, queuedAt: QUEUED_AT };
  const deliveredAt = new Date(DELIVERED_AT_MS).toISOString();
  expect(linesOf(await site.queue("delivered", "--json", "--last", "2")).map((line) => JSON.parse(line))).toEqual([
    { ...facts, id: 2, controlId: "B", tries: 1, deliveredAt },
    { ...facts, id: 5, controlId: "E", tries: 1, deliveredAt },
  ]);
  const [head, first, ...more] = linesOf(await site.queue("delivered")).map((line) => line.split("\t"));
  expect(head).toEqual(["#", "message", "bytes", "queued", "delivered", "tries", "acknowledged", "ms"]);
  expect(first?.filter((_, column) => column !== 3 && column !== 4)).toEqual([
    "1",
    "MDM^T02 A",
    "9021",
    "2",
    "AA",
    "38",
  ]);
  expect(more.map(([id]) => id)).toEqual(["2", "5"]);
});

test("where nothing was delivered, queue delivered --json has no line", async () => {
  using site = await prepareQueue();
  expect(await site.queue("delivered", "--json")).toEqual(ok());
  expect(await site.queue("--json", "delivered")).toEqual(ok());
});
