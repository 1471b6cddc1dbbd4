import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import { expect, test, vi } from "vitest";
import { Journal } from "../../src/store/journal.ts";
import { Store } from "../../src/store/store.ts";
import { Scratch } from "./scratch.ts";

const MIB = 1024 * 1024;
const payload = Buffer.alloc(MIB / 2, "x");

/** Stores so many messages of half a MiB one after another, as a site does, and returns how large the log became. */
async function store(scratch: Scratch, messages: number): Promise<{ logBytes: number; entries: number }> {
  using opened = Store.open(scratch.folder, "normal", true);
  const journal = new Journal(opened, { keep: 1000, keepDays: 1 });
  const entry = { receivedAtMs: Date.now(), peer: "", type: "", code: "AA", answer: Buffer.alloc(0), payload };
  for (let nth = 1; nth <= messages; nth += 1)
    await journal.append({ ...entry, controlId: String(nth), claim: Buffer.from(String(nth)) });
  return { logBytes: statSync(scratch.path("site.db-wal")).size, entries: journal.after(0, 1000).length };
}

const inFile = (scratch: Scratch) => {
  using database = new DatabaseSync(scratch.path("site.db"), { readOnly: true });
  return database.prepare("SELECT count(*) AS messages FROM journal").get()?.messages;
};

test("the log stays short while messages come without a pause, and all of them are in the file at the end", async () => {
  using scratch = new Scratch();
  const { logBytes, entries } = await store(scratch, 160);
  expect([entries, inFile(scratch)]).toEqual([160, 160]);
  expect(logBytes).toBeLessThan(72 * MIB);
});

test("without its thread the store does that work itself", async () => {
  using scratch = new Scratch();
  vi.spyOn(Worker.prototype, "postMessage").mockImplementation(function (this: Worker) {
    void this.terminate();
  });
  const { logBytes, entries } = await store(scratch, 160).finally(() => vi.restoreAllMocks());
  expect([entries, inFile(scratch)]).toEqual([160, 160]);
  expect(logBytes).toBeLessThan(72 * MIB);
});
