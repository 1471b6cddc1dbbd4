import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { Outbox } from "../../src/store/outbox.ts";
import { Store } from "../../src/store/store.ts";
import { SiteStore } from "./site-store.ts";

type Site = Pick<SiteStore, "outbox">;

const put = ({ outbox }: Site, ...controlIds: string[]) =>
  Promise.allSettled(
    controlIds.map((controlId) => outbox.put({ type: "MDM^T02", controlId, payload: Buffer.from("x") }, 1)),
  );
const queued = ({ outbox }: Site) => outbox.list().map(({ controlId }) => controlId);
const storeFailed = (message: string) => ({
  status: "rejected",
  reason: expect.objectContaining({ code: "store-failed", message: expect.stringContaining(message) }),
});

/** How many commits stand in the log that SQLite writes ahead: the frame that ends one bears the size of the file. */
function commits(site: SiteStore): number {
  const wal = readFileSync(site.path("site.db-wal"));
  const frameBytes = 24 + wal.readUInt32BE(8);
  const ends = Array.from({ length: (wal.length - 32) / frameBytes }, (_, at) =>
    wal.readUInt32BE(36 + at * frameBytes),
  );
  return ends.filter((sizePages) => sizePages > 0).length;
}

/** Another process's writer, as the file sees it. */
function writeElsewhere(site: SiteStore): Disposable {
  const database = new DatabaseSync(site.path("site.db"), { timeout: 0 });
  database.exec("BEGIN IMMEDIATE");
  return database;
}

test("what is written in one turn of the loop shares a commit, in the order of the asking", async () => {
  using site = new SiteStore();
  const before = commits(site);
  const written = await put(site, "A", "B", "C");
  expect(written.map((one) => one.status === "fulfilled" && one.value)).toEqual([1, 2, 3]);
  expect(queued(site)).toEqual(["A", "B", "C"]);
  expect(commits(site)).toBe(before + 1);
});

test("what other work of the same turn writes joins in", async () => {
  using site = new SiteStore();
  const before = commits(site);
  const joining = (async () => {
    for (let steps = 0; steps < 50; steps += 1) await undefined;
    return await put(site, "B");
  })();
  await Promise.all([put(site, "A"), joining]);
  expect(queued(site)).toEqual(["A", "B"]);
  expect(commits(site)).toBe(before + 1);
});

test("what is written in two turns is committed twice, each before its promise is kept", async () => {
  using site = new SiteStore();
  const before = commits(site);
  await put(site, "A");
  expect(commits(site)).toBe(before + 1);
  await put(site, "B");
  expect(commits(site)).toBe(before + 2);
});

test("a write that cannot be done fails alone: those around it are committed, in their order", async () => {
  using site = new SiteStore();
  const poison = site.store.write("do the impossible", () => {
    site.store.prepare("DELETE FROM outbox").run();
    throw new Error("too big");
  });
  const [first, [failed], others] = await Promise.all([
    put(site, "A"),
    Promise.allSettled([poison]),
    put(site, "B", "C"),
  ]);
  expect(failed).toEqual(storeFailed("cannot do the impossible: too big"));
  expect([...first, ...others]).toEqual([1, 2, 3].map((value) => ({ status: "fulfilled", value })));
  expect(queued(site)).toEqual(["A", "B", "C"]);
});

test("a write that fails in its middle leaves nothing of itself", async () => {
  using site = new SiteStore();
  const half = site.store.write("store two", () => {
    site.store.prepare("INSERT INTO repeats (journalId, times, lastAtMs) VALUES (7, 1, 1)").run();
  });
  await expect(half).rejects.toMatchObject({ code: "store-failed" });
  const whole = site.store.write("deliver", () => {
    site.store
      .prepare("INSERT INTO outbox (queuedAtMs, type, controlId, sizeBytes, payload) VALUES (1, '', 'A', 0, x'')")
      .run();
    throw new Error("cut");
  });
  await expect(whole).rejects.toThrow("cut");
  expect(queued(site)).toEqual([]);
});

test("while another process writes longer than a writer waits, each write is refused, and the next goes through", async () => {
  using site = new SiteStore();
  site.pragma("busy_timeout = 0");
  {
    using _ = writeElsewhere(site);
    const [first, second] = await put(site, "A", "B");
    expect([first, second]).toEqual([storeFailed("database is locked"), storeFailed("database is locked")]);
    expect(first).toMatchObject({ reason: { hint: expect.stringContaining("what else has site.db open") } });
  }
  expect(queued(site)).toEqual([]);
  await put(site, "C");
  expect(queued(site)).toEqual(["C"]);
});

test.each([
  [261, "what else has site.db open"],
  [779, "the file is damaged"],
  [778, "its disk has room"],
])("what refines a code of SQLite changes nothing of what to do: %i", async (errcode, hint) => {
  using site = new SiteStore();
  const fails = site.store.write("do it", () => {
    throw Object.assign(new Error("as SQLite says"), { errcode });
  });
  await expect(fails).rejects.toMatchObject({ code: "store-failed", hint: expect.stringContaining(hint) });
});

test("a file that cannot be written refuses each write, and is read all the same", async () => {
  using site = new SiteStore();
  await put(site, "A");
  site.refuseWrites();
  expect(await put(site, "B")).toEqual([storeFailed("readonly database")]);
  expect(queued(site)).toEqual(["A"]);
});

test("a full disk refuses each write with what to do, and nothing of it is there", async () => {
  using site = new SiteStore();
  site.pragma(`max_page_count = ${site.pragma("page_count")}`);
  const large = { type: "MDM^T02", controlId: "L", payload: Buffer.alloc(100_000) };
  const [error] = await Promise.allSettled([site.outbox.put(large, 1), site.outbox.put(large, 1)]);
  expect(error).toEqual(storeFailed("cannot queue MDM^T02 L (100000 bytes): database or disk is full"));
  expect(error).toMatchObject({ reason: { hint: expect.stringContaining("its disk has room") } });
  expect(queued(site)).toEqual([]);
});

test("a commit that fails refuses all that shared it, and nothing of it is there", async () => {
  using site = new SiteStore();
  const orphan = site.store.write("mark", () => {
    // the constraint is looked at when the transaction ends
    site.pragma("defer_foreign_keys = true");
    site.store.prepare("INSERT INTO repeats (journalId, times, lastAtMs) VALUES (7, 1, 1)").run();
  });
  const shared = await Promise.all([put(site, "A"), Promise.allSettled([orphan]), put(site, "B")]);
  expect(shared.flat()).toEqual(Array(3).fill(storeFailed("FOREIGN KEY constraint failed")));
  expect(queued(site)).toEqual([]);
  await put(site, "C");
  expect(queued(site)).toEqual(["C"]);
});

test("closing commits what was asked for before, and what is asked for after it is refused", async () => {
  using site = new SiteStore();
  const before = put(site, "A");
  site.store[Symbol.dispose]();
  expect(await before).toEqual([{ status: "fulfilled", value: 1 }]);
  expect(await put(site, "B")).toEqual([storeFailed("database is not open")]);
});

test("two connections may write to one file at once, and each sees what the other has written", async () => {
  using site = new SiteStore();
  using other = Store.open(site.folder, "normal");
  const outbox = new Outbox(other, { keep: 1, keepDays: 1 });
  await Promise.all([put(site, "A"), put({ outbox }, "B"), put(site, "C")]);
  expect(queued(site).toSorted()).toEqual(["A", "B", "C"]);
  expect(queued({ outbox })).toEqual(queued(site));
});
