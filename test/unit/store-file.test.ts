import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { Journal } from "../../src/store/journal.ts";
import { Outbox } from "../../src/store/outbox.ts";
import { Store } from "../../src/store/store.ts";
import { Scratch } from "./scratch.ts";
import { SiteStore } from "./site-store.ts";

const refusedFor = (message: string, hint: string) =>
  expect.objectContaining({
    code: "store-failed",
    message: expect.stringContaining(message),
    hint: expect.stringContaining(hint),
  });

/** Does something to the file of a site, as another program would. */
function change(scratch: Scratch, sql: string): void {
  using database = new DatabaseSync(scratch.path("site.db"));
  database.exec(sql);
}

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test("its owner alone reads what holds patient data", async () => {
  using site = new SiteStore();
  await site.outbox.put({ type: "", controlId: "A", payload: Buffer.from("x") }, 1);
  expect(["site.db", "site.db-wal", "site.db-shm"].map((file) => modeOf(site.path(file)))).toEqual([
    "600",
    "600",
    "600",
  ]);
});

test("SQLite is told to need no folder for temporary files, since a site has none", () => {
  using site = new SiteStore();
  const IN_MEMORY = 2;
  expect(site.pragma("temp_store")).toBe(IN_MEMORY);
});

test.each([
  ["full", 2],
  ["normal", 1],
] as const)("STORE_SYNC=%s is what SQLite is told", (sync, synchronous) => {
  using scratch = new Scratch();
  using store = Store.open(scratch.folder, sync);
  expect(store.prepare("PRAGMA synchronous").get()).toEqual({ synchronous });
  expect(store.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
});

test("a file of version 0.1 is taken over: its messages can be read, and new ones come behind them", async () => {
  using scratch = new Scratch();
  change(
    scratch,
    `CREATE TABLE journal (id INTEGER PRIMARY KEY AUTOINCREMENT, receivedAtMs INTEGER NOT NULL, peer TEXT NOT NULL,
       type TEXT NOT NULL, controlId TEXT NOT NULL, code TEXT NOT NULL, payload BLOB NOT NULL,
       acknowledgment BLOB NOT NULL) STRICT;
     INSERT INTO journal VALUES (41, 7, '127.0.0.1:9', 'MDM^T02', 'OLD1', 'AA', x'4D5348', x'4D5341');
     INSERT INTO journal VALUES (42, 8, '127.0.0.1:9', 'MDM^T02', 'OLD1', 'AR', x'4D53', x'4D')`,
  );
  using store = Store.open(scratch.folder, "normal");
  const journal = new Journal(store, { keep: 10, keepDays: 1 });
  const entries = journal.after(0, 10);
  const facts = { peer: "127.0.0.1:9", type: "MDM^T02", controlId: "OLD1", repeats: 0 };
  expect(entries).toMatchObject([
    { ...facts, id: 41, receivedAtMs: 7, code: "AA" },
    { ...facts, id: 42, receivedAtMs: 8, code: "AR" },
  ]);
  expect(entries.map(({ payload }) => Buffer.from(payload).toString())).toEqual(["MSH", "MS"]);
  expect(entries.map(({ answer }) => Buffer.from(answer).toString())).toEqual(["\x0bMSA\x1c\r", "\x0bM\x1c\r"]);
  const answer = Buffer.from("x");
  expect(await journal.append({ ...facts, receivedAtMs: 9, code: "AA", payload: answer, answer })).toBe(43);
});

test("a file that is complete is opened as it is, with what is in it", async () => {
  using site = new SiteStore();
  await site.outbox.put({ type: "", controlId: "A", payload: Buffer.from("x") }, 1);
  site.store[Symbol.dispose]();
  using again = Store.open(site.folder, "normal");
  expect(again.prepare("SELECT controlId FROM outbox").all()).toEqual([{ controlId: "A" }]);
});

test("a file of a newer version is refused as that, and stays as it is", () => {
  using scratch = new Scratch();
  change(scratch, "PRAGMA user_version = 99; CREATE TABLE theirs (a)");
  const open = () => Store.open(scratch.folder, "normal");
  expect(open).toThrow(refusedFor("site.db: a newer version made it (shape 99)", "run that version"));
  using database = new DatabaseSync(scratch.path("site.db"));
  expect(database.prepare("SELECT name FROM sqlite_schema").all()).toEqual([{ name: "theirs" }]);
});

test("a step that fails half way leaves the old file as it was", () => {
  using scratch = new Scratch();
  change(scratch, "CREATE TABLE journal (a); INSERT INTO journal VALUES (1)");
  expect(() => Store.open(scratch.folder, "normal")).toThrow(refusedFor("no such column", ""));
  using database = new DatabaseSync(scratch.path("site.db"));
  expect(database.prepare("SELECT * FROM journal, pragma_user_version").all()).toEqual([{ a: 1, user_version: 0 }]);
});

test("what is no database at all is named as damaged, with what to do", () => {
  using scratch = new Scratch();
  scratch.write("site.db", "patients: ".repeat(1000));
  const open = () => Store.open(scratch.folder, "normal");
  expect(open).toThrow(refusedFor("site.db: file is not a database", "stop the site, move site.db and all"));
});

test("a file of which a part is damaged is named as damaged where that is read", async () => {
  using site = new SiteStore();
  await site.outbox.put({ type: "", controlId: "A", payload: Buffer.from("x") }, 1);
  const row = site.store.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'outbox'").get();
  const pageBytes = Number(site.pragma("page_size"));
  site.store[Symbol.dispose]();
  const bytes = readFileSync(site.path("site.db"));
  const page = Number(row?.rootpage);
  writeFileSync(site.path("site.db"), bytes.fill("?", (page - 1) * pageBytes, page * pageBytes));
  using store = Store.open(site.folder, "normal");
  const outbox = new Outbox(store, { keep: 1, keepDays: 1 });
  expect(() => outbox.list()).toThrow(
    refusedFor("cannot read the store: database disk image is malformed", "is damaged"),
  );
});

test("a data directory that cannot be there is named", () => {
  expect(() => Store.open("/dev/null/no", "full")).toThrow(
    refusedFor("open the store /dev/null/no/site.db", "DATA_DIR"),
  );
});

/** A thread that makes the same file as another process would, and is not done when it says so. */
const MAKING = `
  const { parentPort, workerData: { path, state } } = require("node:worker_threads");
  const database = new (require("node:sqlite").DatabaseSync)(path);
  database.exec("BEGIN IMMEDIATE");
  Atomics.store(state, 0, 1);
  Atomics.notify(state, 0);
  Atomics.wait(state, 0, 1, 5);
  database.exec("COMMIT");
  database.close();`;

test("two processes that make a new file at the same moment both get it", () => {
  using scratch = new Scratch();
  const state = new Int32Array(new SharedArrayBuffer(4));
  new Worker(MAKING, { eval: true, workerData: { path: scratch.path("site.db"), state } });
  Atomics.wait(state, 0, 0, 2000);
  using store = Store.open(scratch.folder, "normal");
  expect(store.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
});

test("a file that was moved while it was open takes nothing any more, since nobody would find it", async () => {
  using site = new SiteStore();
  const put = (controlId: string) => site.outbox.put({ type: "", controlId, payload: Buffer.from("x") }, 1);
  await put("A");
  renameSync(site.path("site.db"), site.path("away.db"));
  await expect(put("B")).rejects.toEqual(refusedFor("site.db was moved or deleted while it was open", "put it back"));
  writeFileSync(site.path("site.db"), "");
  await expect(put("C")).rejects.toEqual(refusedFor("site.db was moved or deleted while it was open", "put it back"));
  renameSync(site.path("away.db"), site.path("site.db"));
  await put("D");
  expect(site.outbox.list().map(({ controlId }) => controlId)).toEqual(["A", "D"]);
});
