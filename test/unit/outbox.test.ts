import { expect, test } from "vitest";
import { SiteStore } from "./site-store.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const NOW = 100 * DAY_MS;
const put = (site: SiteStore, ...controlIds: string[]) =>
  Promise.all(
    controlIds.map((controlId) =>
      site.outbox.put({ type: "ADT^A01", controlId, payload: Buffer.from(`payload of ${controlId}`) }, NOW),
    ),
  );
const listed = (site: SiteStore) => site.outbox.list().map(({ controlId }) => controlId);
const next = (site: SiteStore) => site.outbox.next()?.controlId;

const listedReasons = ({ outbox }: SiteStore) =>
  outbox
    .list()
    .sort((one, other) => one.id - other.id)
    .map(({ reason }) => reason);

test("messages are numbered and wait in the order in which they were put, whoever asks", async () => {
  using site = new SiteStore();
  expect(next(site)).toBeUndefined();
  expect(await put(site, "A", "B", "C")).toEqual([1, 2, 3]);
  expect([next(site), next(site), listed(site)]).toEqual(["A", "A", ["A", "B", "C"]]);
  expect(Buffer.from(site.outbox.next()?.payload ?? []).toString()).toBe("payload of A");
  expect(site.outbox.counts()).toEqual({ waiting: 3, setAside: 0 });
});

test("what was put is told once it can be taken", async () => {
  using site = new SiteStore();
  const told: (string | undefined)[] = [];
  site.outbox.onPut = () => told.push(next(site));
  await put(site, "A");
  site.refuseWrites();
  await expect(put(site, "B")).rejects.toMatchObject({ code: "store-failed" });
  expect(told).toEqual(["A"]);
});

test("a try that failed is counted with its reason, and the message keeps its place", async () => {
  using site = new SiteStore();
  await put(site, "A", "B");
  await site.outbox.failed(1, "AR");
  await site.outbox.failed(1, "no acknowledgment");
  expect(site.outbox.next()).toMatchObject({ id: 1, tries: 2, reason: "no acknowledgment", setAsideAtMs: null });
});

test("what is set aside is out of the way, with its reason, and counted apart", async () => {
  using site = new SiteStore();
  await put(site, "A", "B");
  await site.outbox.failed(1, "AR");
  await site.outbox.setAside(1, "AE, unknown patient", NOW + 5);
  expect(next(site)).toBe("B");
  expect(site.outbox.find(1)).toMatchObject({ tries: 2, reason: "AE, unknown patient", setAsideAtMs: NOW + 5 });
  expect(site.outbox.counts()).toEqual({ waiting: 1, setAside: 1 });
});

test("what was set aside and is sent again goes to its place, before what waits behind it", async () => {
  using site = new SiteStore();
  await put(site, "A", "B", "C");
  await Promise.all([site.outbox.setAside(1, "AE", NOW), site.outbox.setAside(2, "AE", NOW)]);
  // C is not set aside, and 9 is no message: neither was put back
  expect(await site.outbox.retry([2, 3, 9])).toEqual([2]);
  expect(next(site)).toBe("B");
  expect(await site.outbox.retry([1])).toEqual([1]);
  expect(next(site)).toBe("A");
  expect(site.outbox.next()).toMatchObject({ tries: 1, reason: "AE" });
});

test("a reason is kept as far as a person would read it", async () => {
  using site = new SiteStore();
  await put(site, "A", "B");
  await Promise.all([site.outbox.failed(1, "x".repeat(5000)), site.outbox.setAside(2, "y".repeat(1000), NOW)]);
  expect(listedReasons(site)).toEqual([`${"x".repeat(1000)}…`, "y".repeat(1000)]);
});

test("what is dropped is gone, undelivered, and its number is not given again", async () => {
  using site = new SiteStore();
  await put(site, "A", "B", "C");
  await site.outbox.setAside(2, "AE", NOW);
  expect(await site.outbox.drop([2, 3, 9, 3])).toEqual([2, 3]);
  expect([listed(site), site.outbox.lastDelivered(10), site.outbox.outcome(3)]).toEqual([["A"], [], "gone"]);
  expect(await put(site, "D")).toEqual([4]);
});

test("what was delivered is gone but for the fact, which no payload belongs to", async () => {
  using site = new SiteStore();
  await put(site, "A", "B");
  await site.outbox.failed(1, "AR");
  await site.outbox.delivered(1, "AA", 38.6, NOW + 7);
  expect([next(site), site.outbox.find(1), site.outbox.counts()]).toEqual([
    "B",
    undefined,
    { waiting: 1, setAside: 0 },
  ]);
  expect(site.outbox.lastDelivered(10)).toEqual([
    {
      ...{ id: 1, queuedAtMs: NOW, deliveredAtMs: NOW + 7, type: "ADT^A01", controlId: "A", sizeBytes: 12 },
      ...{ tries: 2, code: "AA", durationMs: 39 },
    },
  ]);
});

test("what was dropped while it was on its way is not called delivered, tried or set aside", async () => {
  using site = new SiteStore();
  await put(site, "A", "B");
  await site.outbox.drop([1]);
  await site.outbox.failed(1, "AR");
  await site.outbox.setAside(1, "AE", NOW);
  await site.outbox.delivered(1, "AA", 1, NOW);
  expect([listed(site), site.outbox.lastDelivered(10), site.outbox.outcome(1)]).toEqual([["B"], [], "gone"]);
});

test("the fact of a delivery and the end of its message share a commit: neither is there without the other", async () => {
  using site = new SiteStore();
  await put(site, "A");
  site.store.prepare("CREATE TEMP TRIGGER t BEFORE DELETE ON outbox BEGIN SELECT RAISE(ABORT, 'cut'); END").run();
  await expect(site.outbox.delivered(1, "AA", 1, NOW)).rejects.toMatchObject({
    message: "cannot let message 1 go: cut",
  });
  expect([listed(site), site.outbox.lastDelivered(10)]).toEqual([["A"], []]);
});

test("what became of a message is told at each of its stations", async () => {
  using site = new SiteStore();
  await put(site, "A");
  expect(site.outbox.outcome(1)).toMatchObject({ tries: 0, reason: "", setAsideAtMs: null });
  await site.outbox.setAside(1, "AE", NOW);
  expect(site.outbox.outcome(1)).toMatchObject({ tries: 1, reason: "AE", setAsideAtMs: NOW });
  await site.outbox.delivered(1, "CA", 1, NOW);
  expect(site.outbox.outcome(1)).toMatchObject({ code: "CA" });
});

test("a list names what was set aside first, and no more of either kind than is asked for", async () => {
  using site = new SiteStore();
  await put(site, "A", "B", "C", "D", "E", "F");
  for (const id of [2, 4, 5]) await site.outbox.setAside(id, "AE", NOW);
  expect(listed(site)).toEqual(["B", "D", "E", "A", "C", "F"]);
  expect(site.outbox.list(2).map(({ controlId }) => controlId)).toEqual(["B", "D", "A", "C"]);
});

test("the last deliveries are told in their own order, one that was sent again later behind the others", async () => {
  using site = new SiteStore();
  await put(site, "A", "B", "C");
  for (const id of [2, 3, 1]) await site.outbox.delivered(id, "AA", 1, NOW);
  expect(site.outbox.lastDelivered(2).map(({ id }) => id)).toEqual([3, 1]);
  expect(site.outbox.lastDelivered(9).map(({ id }) => id)).toEqual([2, 3, 1]);
});

test("what was delivered is forgotten by number and by age; what waits or was set aside never is", async () => {
  using site = new SiteStore({ keep: 2, keepDays: 7 });
  await put(site, "A", "B", "C", "D", "E");
  await site.outbox.setAside(1, "AE", NOW);
  for (const id of [2, 3, 4]) await site.outbox.delivered(id, "AA", 1, NOW);
  await site.outbox.trim(NOW);
  expect(site.outbox.lastDelivered(9).map(({ id }) => id)).toEqual([3, 4]);
  await site.outbox.trim(NOW + 8 * DAY_MS);
  expect([listed(site), site.outbox.lastDelivered(9)]).toEqual([["A", "E"], []]);
});

test("deliveries trim, too: once in a hundred", async () => {
  using site = new SiteStore({ keep: 1, keepDays: 1 });
  const ids = await put(site, ...Array.from({ length: 101 }, (_, at) => `M${at}`));
  await Promise.all(ids.map((id) => site.outbox.delivered(id, "AA", 1, NOW)));
  expect(site.outbox.lastDelivered(999).map(({ id }) => id)).toEqual([100, 101]);
});

test("since when the first one waits is told, and of what is set aside nothing", async () => {
  using site = new SiteStore();
  expect(site.outbox.oldestQueuedAtMs()).toBeUndefined();
  await put(site, "A");
  await site.outbox.put({ type: "ADT^A01", controlId: "B", payload: Buffer.from("B") }, NOW + 5);
  expect(site.outbox.oldestQueuedAtMs()).toBe(NOW);
  await site.outbox.setAside(1, "AE", NOW + 9);
  expect(site.outbox.oldestQueuedAtMs()).toBe(NOW + 5);
});
