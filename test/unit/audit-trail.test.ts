import fs, { appendFileSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { expect, test, vi } from "vitest";
import { type AuditEvent, told } from "../../src/audit/record.ts";
import { Trail } from "../../src/audit/trail.ts";
import { verifyTrail } from "../../src/audit/verify.ts";
import { Scratch } from "./scratch.ts";

const event = (controlId: string): AuditEvent => ({
  kind: "import",
  outcome: 0,
  atMs: Date.parse("2026-03-01T12:00:00Z"),
  facts: told({ type: "MDM^T02", controlId }),
});

/** A trail in a folder of its own. */
class Kept extends Scratch {
  readonly heard: unknown[] = [];

  open(maxFileBytes?: number): Trail {
    const onFailed = (reason: string) => this.heard.push(reason);
    const onBack = (missed: number) => this.heard.push(missed);
    return new Trail(this.folder, "dpi", { onFailed, onBack }, maxFileBytes);
  }

  /** Writes records in one go and closes the trail. */
  keep(...controlIds: string[]): this {
    using trail = this.open();
    for (const controlId of controlIds) trail.append(event(controlId));
    return this;
  }

  lines(): string[] {
    return this.read("audit.log").trimEnd().split("\n");
  }

  /** Changes the lines of the file as somebody might who can write it. */
  change(how: (lines: string[]) => string[]): void {
    writeFileSync(this.path("audit.log"), `${how(this.lines()).join("\n")}\n`);
  }

  verified() {
    return { broken: undefined, ...verifyTrail(this.folder) };
  }

  broken(): string | undefined {
    const { broken } = verifyTrail(this.folder);
    return broken && `${broken.file}, line ${broken.line}: ${broken.why}`;
  }
}

test("records are lines of JSON in their order, each with the hash of the one before, for their owner alone", () => {
  using kept = new Kept().keep("A", "B");
  const [first, second] = kept.lines().map((line) => JSON.parse(line));
  expect(first).toMatchObject({
    ...{ sequence: 1, time: "2026-03-01T12:00:00.000Z", site: "dpi", eventId: "110107", event: "Import", outcome: 0 },
    ...{ type: "MDM^T02", controlId: "A", previous: "0".repeat(64) },
  });
  expect(second).toMatchObject({ sequence: 2, controlId: "B", previous: first.hash });
  expect(statSync(kept.path("audit.log")).mode & 0o777).toBe(0o600);
  expect(verifyTrail(kept.folder)).toEqual({
    files: 1,
    records: 2,
    first: 1,
    last: { sequence: 2, hash: second.hash },
  });
});

test("a trail that is opened again goes on with the chain", () => {
  using kept = new Kept().keep("A").keep("B", "C");
  expect(verifyTrail(kept.folder)).toMatchObject({ records: 3 });
});

test.each<[string, (lines: string[]) => string[], string]>([
  ["a changed record", (all) => all.map((line) => line.replace('"B"', '"X"')), "line 2: record 2 was changed"],
  ["a changed last record", (all) => all.map((line) => line.replace('"D"', '"X"')), "line 4: record 4 was changed"],
  ["a missing record", ([a, , c, d]) => [a, c, d] as string[], "record 3 stands behind record 1: record 2 is missing"],
  ["a missing beginning", ([, , c, d]) => [c, d] as string[], ""],
  ["two records in each other's place", ([a, b, c, d]) => [a, c, b, d] as string[], "record 2 is missing"],
  ["a record twice", ([a, b, c, d]) => [a, b, b, c, d] as string[], "the order was changed"],
  [
    "a record that is none",
    ([a, b, , d]) => [a, b, "nothing", d] as string[],
    "line 3: record 3 is no record any more",
  ],
  [
    "a record with a new hash",
    ([a, b, c, d]) => [a, b, rehashed(c), d] as string[],
    "record 4 does not hold the hash of record 3",
  ],
])("%s is found and named", (_, how, why) => {
  using kept = new Kept().keep("A", "B", "C", "D");
  expect(kept.broken()).toBeUndefined();
  kept.change(how);
  if (why) expect(kept.broken()).toContain(why);
  // what is older than the oldest record may have been put out by the trail itself
  else expect(verifyTrail(kept.folder)).toMatchObject({ first: 3, records: 2 });
});

/** Returns a record with another content and the hash that fits it, as somebody writes it who knows how. */
function rehashed(line: string | undefined): string {
  using other = new Kept().keep("A", "B", "X");
  const [, , forged = ""] = other.lines();
  expect(forged).not.toBe(line);
  return forged;
}

test("a file that is full gives place to the next, and the chain goes on from one to the other", () => {
  using kept = new Kept();
  using trail = kept.open(600);
  for (const controlId of ["A", "B", "C", "D", "E"]) {
    trail.append(event(controlId));
    trail.flush();
  }
  const names = readdirSync(kept.folder).sort();
  expect(names).toEqual(["audit-000000000001.log", "audit-000000000003.log", "audit.log"]);
  expect(verifyTrail(kept.folder)).toMatchObject({ files: 3, records: 5, first: 1 });
  rmSync(kept.path("audit-000000000003.log"));
  expect(kept.broken()).toBe("audit.log, line 1: record 5 stands behind record 2: 2 records are missing");
});

test("no more than sixteen full files are kept, and what is left is a trail", () => {
  using kept = new Kept();
  {
    using trail = kept.open(1);
    for (let number = 1; number <= 20; number += 1) {
      trail.append(event(String(number)));
      trail.flush();
    }
  }
  expect(readdirSync(kept.folder)).toHaveLength(17);
  expect(verifyTrail(kept.folder)).toMatchObject({ records: 17, first: 4 });
  kept.keep("after");
  expect(kept.verified()).toMatchObject({ records: 18, broken: undefined });
});

test("half a record at the end is put aside and told, and the chain goes on behind the last whole one", () => {
  using kept = new Kept().keep("A", "B");
  const half = kept.lines()[1]?.slice(0, 40) ?? "";
  appendFileSync(kept.path("audit.log"), half);
  expect(kept.broken()).toBe("audit.log, line 3: record 3 is cut in the middle");
  using trail = kept.open();
  expect(trail.aside).toEqual({ bytes: 40, file: expect.stringMatching(/^aside-/) });
  expect(kept.read(trail.aside?.file ?? "")).toBe(half);
  trail.append(event("C"));
  trail.flush();
  expect(kept.verified()).toMatchObject({ records: 3, broken: undefined });
});

test("a sound end has nothing put aside", () => {
  using kept = new Kept().keep("A");
  using trail = kept.open();
  expect(trail.aside).toBeUndefined();
  expect(readdirSync(kept.folder)).toEqual(["audit.log"]);
});

test("a disk that takes nothing costs no record that fits into memory, leaves no half one, and is told once", () => {
  using kept = new Kept();
  using trail = kept.open();
  trail.append(event("A"));
  trail.flush();
  const write = fs.writeSync;
  const full = vi.fn((fd: number, bytes: Buffer, from: number) => {
    // as a disk that fills up: some of it goes, and then no more
    if (from === 0) return write(fd, bytes.subarray(0, 100));
    throw new Error("ENOSPC: no space left on device");
  });
  fs.writeSync = full as unknown as typeof fs.writeSync;
  syncBuiltinESMExports();
  try {
    trail.append(event("B"));
    trail.flush();
    trail.append(event("C"));
    trail.flush();
    expect(kept.verified()).toMatchObject({ records: 1, broken: undefined });
  } finally {
    fs.writeSync = write;
    syncBuiltinESMExports();
  }
  expect(kept.heard).toEqual(["ENOSPC: no space left on device"]);
  trail.flush();
  expect(kept.heard).toEqual(["ENOSPC: no space left on device", 0]);
  expect(kept.verified()).toMatchObject({ records: 3, broken: undefined });
});

test("what a message or a peer brings cannot end the text that it stands in, nor the line", () => {
  using kept = new Kept();
  const hostile = 'a","sequence":9,"hash":"é\n\u2028\u{1f600}';
  kept.keep(hostile);
  expect(JSON.parse(kept.lines()[0] ?? "").controlId).toBe(hostile);
  expect(readFileSync(kept.path("audit.log")).every((byte) => byte < 0x80)).toBe(true);
  expect(kept.broken()).toBeUndefined();
});

test("a folder that cannot be written is named, with what to do", () => {
  const open = () => new Trail("/dev/null/audit", "dpi", { onFailed() {}, onBack() {} });
  expect(open).toThrow(
    expect.objectContaining({ code: "file-unwritable", message: expect.stringContaining("/dev/null") }),
  );
});

test("a trail whose file was taken away goes on behind what is left", () => {
  using kept = new Kept().keep("A", "B");
  renameSync(kept.path("audit.log"), kept.path("audit-000000000001.log"));
  kept.keep("C");
  expect(kept.verified()).toMatchObject({ files: 2, records: 3, broken: undefined });
});

test("half a record for which the disk has no other place is let go, and that is told", () => {
  using kept = new Kept().keep("A");
  appendFileSync(kept.path("audit.log"), "half");
  const write = fs.writeFileSync;
  fs.writeFileSync = () => {
    throw new Error("ENOSPC: no space left on device");
  };
  syncBuiltinESMExports();
  try {
    using trail = kept.open();
    expect(trail.aside).toEqual({ bytes: 4 });
  } finally {
    fs.writeFileSync = write;
    syncBuiltinESMExports();
  }
  expect(readdirSync(kept.folder)).toEqual(["audit.log"]);
  expect(kept.verified()).toMatchObject({ records: 1, broken: undefined });
});
