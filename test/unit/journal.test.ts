import { expect, test } from "vitest";
import type { Arrival } from "../../src/store/journal.ts";
import { SiteStore } from "./site-store.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const NOW = 100 * DAY_MS;

const arrival = (controlId: string, more: Partial<Arrival> = {}): Arrival => ({
  receivedAtMs: NOW,
  peer: "127.0.0.1:4711",
  type: "MDM^T02",
  controlId,
  code: "AA",
  answer: Buffer.from(`answer to ${controlId}`),
  payload: Buffer.from(controlId),
  ...more,
});
const claiming = (claim: string, more: Partial<Arrival> = {}) =>
  arrival("A", { claim: Buffer.from(claim, "latin1"), ...more });
let claims = 0;
/** A message that was accepted, under a claim that no other has. */
const accepted = (controlId: string, more: Partial<Arrival> = {}) =>
  arrival(controlId, { claim: Buffer.from(`${++claims}`), ...more });
const kept = (site: SiteStore) => site.journal.after(0, 1000).map(({ controlId }) => controlId);
/** Appends messages that came on certain days, in this order. */
const appendOfDays = (site: SiteStore, ...days: number[]) =>
  Promise.all(days.map((day) => site.journal.append(accepted(`day ${day}`, { receivedAtMs: day * DAY_MS }))));

test("what is appended is numbered without gaps and read back in its order", async () => {
  using site = new SiteStore();
  expect(site.journal.lastId()).toBe(0);
  const { answer: _, payload: __, ...facts } = arrival("C");
  expect(await Promise.all(["A", "B", "C"].map((controlId) => site.journal.append(arrival(controlId))))).toEqual([
    1, 2, 3,
  ]);
  expect(site.journal.lastId()).toBe(3);
  expect(site.journal.after(1, 1).map(({ id }) => id)).toEqual([2]);
  const [last] = site.journal.after(2, 10);
  expect(last).toMatchObject({ ...facts, id: 3, repeats: 0 });
  expect([last?.answer, last?.payload].map((bytes) => Buffer.from(bytes ?? []).toString())).toEqual([
    "answer to C",
    "C",
  ]);
});

test("a claim stands for one message: another cannot be stored under it, and takes no number", async () => {
  using site = new SiteStore();
  await site.journal.append(claiming("X"));
  expect(await site.journal.append(claiming("X"))).toBeUndefined();
  expect(kept(site)).toHaveLength(1);
  expect(await site.journal.append(claiming("Y"))).toBe(2);
});

test("what claims nothing can be stored as often as it comes", async () => {
  using site = new SiteStore();
  await Promise.all([site.journal.append(arrival("A")), site.journal.append(arrival("A", { claim: undefined }))]);
  expect(kept(site)).toEqual(["A", "A"]);
});

test("a claim is found by its very bytes", async () => {
  using site = new SiteStore();
  await site.journal.append(claiming("Id\xe9\0\r", { answer: Buffer.from("yes") }));
  const found = (claim: string) => site.journal.claimed(Buffer.from(claim, "latin1"))?.id;
  expect(["Id\xe9\0\r", "ID\xe9\0\r", "Ide\0\r", "Id\xe9\0", "Id\xe9\0\r ", "", "I"].map(found)).toEqual([
    1,
    ...Array(6),
  ]);
  const claimed = site.journal.claimed(Buffer.from("Id\xe9\0\r", "latin1"));
  expect([claimed?.code, Buffer.from(claimed?.answer ?? []).toString()]).toEqual(["AA", "yes"]);
});

test("each repeat counts for its own message", async () => {
  using site = new SiteStore();
  await Promise.all(["A", "B", "C"].map((controlId) => site.journal.append(arrival(controlId))));
  await Promise.all([2, 2, 3, 2].map((id) => site.journal.repeated(id, NOW)));
  expect(site.journal.after(0, 10).map(({ repeats }) => repeats)).toEqual([0, 3, 1]);
});

test("the mark of a repeat goes with its message, and cannot be of none", async () => {
  using site = new SiteStore({ keep: 1, keepDays: 1 });
  await Promise.all(["A", "B"].map((controlId) => site.journal.append(arrival(controlId))));
  await Promise.all([site.journal.repeated(1, NOW), site.journal.repeated(2, NOW)]);
  await site.journal.trim(NOW);
  expect(site.store.prepare("SELECT journalId FROM repeats").all()).toEqual([{ journalId: 2 }]);
  await expect(site.journal.repeated(1, NOW)).rejects.toMatchObject({ code: "store-failed" });
});

test("a message that was trimmed away claims nothing any more, and its number is not given again", async () => {
  using site = new SiteStore({ keep: 100, keepDays: 1 });
  await site.journal.append(claiming("X"));
  await site.journal.trim(NOW + 2 * DAY_MS);
  expect(site.journal.claimed(Buffer.from("X"))).toBeUndefined();
  expect(site.journal.lastId()).toBe(0);
  expect(await site.journal.append(claiming("X"))).toBe(2);
});

test("no more than so many are kept, the newest", async () => {
  using site = new SiteStore({ keep: 3, keepDays: 1 });
  await Promise.all(["A", "B", "C", "D", "E"].map((controlId) => site.journal.append(accepted(controlId))));
  await site.journal.trim(NOW);
  expect(kept(site)).toEqual(["C", "D", "E"]);
});

test("what is refused again and again pushes nothing out that was accepted, and is kept a tenth as often", async () => {
  using site = new SiteStore({ keep: 20, keepDays: 1 });
  await site.journal.append(accepted("first"));
  for (const controlId of ["R1", "R2", "R3", "R4"]) await site.journal.append(arrival(controlId, { code: "AR" }));
  await site.journal.trim(NOW);
  expect(kept(site)).toEqual(["first", "R3", "R4"]);
});

test("nothing is kept longer than so many days, however few there are", async () => {
  using site = new SiteStore({ keep: 100, keepDays: 7 });
  await appendOfDays(site, 90, 92, 93, 99);
  await site.journal.trim(NOW);
  expect(kept(site)).toEqual(["day 93", "day 99"]);
  await site.journal.trim(NOW + 6 * DAY_MS + 1);
  expect(kept(site)).toEqual([]);
});

test.each([
  [1, 7, ["day 99"]],
  [100, 1, ["day 99"]],
  [2, 50, ["day 98", "day 99"]],
])("both bounds hold: %i messages, %i days", async (keep, keepDays, expected) => {
  using site = new SiteStore({ keep, keepDays });
  await appendOfDays(site, 40, 97, 98, 99);
  await site.journal.trim(NOW);
  expect(kept(site)).toEqual(expected);
});

test("what came while the clock was ahead keeps nothing from being trimmed by number, and is not lost by age", async () => {
  using site = new SiteStore({ keep: 3, keepDays: 7 });
  // day 300 by a clock that was put back afterwards
  await appendOfDays(site, 90, 300, 99, 99, 100);
  await site.journal.trim(NOW);
  expect(kept(site)).toEqual(["day 99", "day 99", "day 100"]);
});

test("what is old by a clock that was put back stays behind what is young: the journal is trimmed from its start", async () => {
  using site = new SiteStore({ keep: 100, keepDays: 7 });
  await appendOfDays(site, 99, 1, 99);
  await site.journal.trim(NOW);
  expect(kept(site)).toEqual(["day 99", "day 1", "day 99"]);
});

test("arrivals trim, too: once in a hundred, in the commit of their own", async () => {
  using site = new SiteStore({ keep: 2, keepDays: 1 });
  const controlIds = Array.from({ length: 101 }, (_, at) => `M${at}`);
  await Promise.all(controlIds.slice(0, 100).map((controlId) => site.journal.append(accepted(controlId))));
  expect(kept(site)).toHaveLength(100);
  await site.journal.append(accepted("M100"));
  expect(kept(site)).toEqual(["M98", "M99", "M100"]);
});

test("what it holds is counted by its ends, of both kinds, also when the oldest have gone", async () => {
  using site = new SiteStore({ keep: 100, keepDays: 10 });
  expect([site.journal.count(), site.journal.lastReceivedAtMs()]).toEqual([0, undefined]);
  await appendOfDays(site, 90, 91, 99);
  await site.journal.append(claiming("X"));
  await site.journal.append(claiming("X"));
  await site.journal.append(arrival("refused", { code: "AE", receivedAtMs: NOW + 1 }));
  expect([site.journal.count(), site.journal.lastReceivedAtMs()]).toEqual([kept(site).length, NOW + 1]);
  await site.journal.trim(105 * DAY_MS);
  expect(kept(site)).toEqual(["day 99", "A", "refused"]);
  expect(site.journal.count()).toBe(3);
  // on the disk there is more than that
  expect(site.store.sizeBytes).toBeGreaterThan(4096);
});
