import { mkdirSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { trailDirectory } from "../../src/audit/files.ts";
import { told } from "../../src/audit/record.ts";
import { Trail } from "../../src/audit/trail.ts";
import { auditCommand } from "../../src/commands/audit.ts";
import { runIn } from "./command-in-process.ts";
import { Scratch } from "./scratch.ts";

const atMs = Date.parse("2026-03-01T12:00:00");

/** The data directory of a site with three records. */
function site(): Scratch {
  const scratch = new Scratch();
  using trail = new Trail(trailDirectory(scratch.folder), "dpi", { onFailed() {}, onBack() {} });
  trail.append({ kind: "start", outcome: 0, atMs, facts: "" });
  const who = { subject: "CN=eai\u001b[2K", address: "peer.example:1" };
  const what = { type: "MDM^T02", controlId: "A", code: "AA", journalId: 7 };
  trail.append({ kind: "import", outcome: 0, atMs, facts: told({ ...who, ...what }) });
  const facts = told({ address: "peer.example:2", cause: "not-tls", refusedBy: "here" });
  trail.append({ kind: "authentication", outcome: 8, atMs, facts });
  return scratch;
}

test("audit show tells who, what and with which outcome, and lets no name act on the terminal", async () => {
  using scratch = site();
  const { code, stdout } = await runIn(scratch.folder, auditCommand(), "show");
  const time = "2026-03-01 12:00:00";
  expect([
    code,
    stdout
      .trimEnd()
      .split("\n")
      .map((row) => row.split("\t")),
  ]).toEqual([
    0,
    [
      ["#", "time", "event", "outcome", "who", "what"],
      ["1", time, "Application Start", "success", "", ""],
      ["2", time, "Import", "success", "CN=eai\\x1b[2K at peer.example:1", "MDM^T02 A AA, #7"],
      ["3", time, "Node Authentication", "failure", "peer.example:2", "not-tls, refused here"],
    ],
  ]);
});

test("audit show --last 1 --json is the newest record as it is in the file", async () => {
  using scratch = site();
  const { stdout } = await runIn(scratch.folder, auditCommand(), "show", "--last", "1", "--json");
  expect(stdout).toBe(`${scratch.read("audit/audit.log").trimEnd().split("\n").at(-1)}\n`);
});

test("audit verify says what it followed, and the last hash, which may be kept elsewhere", async () => {
  using scratch = site();
  const { hash } = JSON.parse(scratch.read("audit/audit.log").trimEnd().split("\n").at(-1) ?? "");
  const { code, stdout } = await runIn(scratch.folder, auditCommand(), "verify");
  expect([code, stdout]).toEqual([
    0,
    `records 1 to 3 in 1 file: each is as it was written, none is missing; the last hash is ${hash}\n`,
  ]);
});

test("audit verify exits 1 and names the first record that does not fit", async () => {
  using scratch = site();
  scratch.write("audit/audit.log", scratch.read("audit/audit.log").replace('"controlId":"A"', '"controlId":"B"'));
  const { code, stdout, stderr } = await runIn(scratch.folder, auditCommand(), "verify");
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(
    /^error: audit\.log, line 2: record 2 was changed: its hash is not that of its content\nhint: /,
  );
  const { code: again, stdout: json } = await runIn(scratch.folder, auditCommand(), "verify", "--json");
  expect([again, JSON.parse(json)]).toMatchObject([1, { records: 1, broken: { file: "audit.log", line: 2 } }]);
});

test("where there is no record yet, both say so", async () => {
  using scratch = new Scratch();
  expect(await runIn(scratch.folder, auditCommand(), "verify")).toMatchObject({ code: 0, stdout: "no record yet\n" });
  mkdirSync(trailDirectory(scratch.folder));
  writeFileSync(`${trailDirectory(scratch.folder)}/audit.log`, "");
  expect(await runIn(scratch.folder, auditCommand(), "show", "--json")).toMatchObject({ code: 0, stdout: "" });
});
