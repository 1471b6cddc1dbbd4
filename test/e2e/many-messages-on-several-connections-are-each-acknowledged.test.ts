import { expect, test } from "vitest";
import { sharedSandbox } from "./sandbox/index.ts";

test("each stored once, and the summary adds up", async () => {
  const sandbox = sharedSandbox();
  const args = ["send", "--count", "30", "--connections", "4", "--interval", "10ms", "--json"];
  const { code, stdout } = await sandbox.exec("eai", args);
  expect(code).toBe(0);
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.at(-1)).toMatchObject({ event: "summary", exchanges: 30, codes: { AA: 30 } });
  const sent = lines.slice(0, -1).map(({ controlId }) => controlId);
  expect(new Set(sent).size).toBe(30);
  const stored = (await sandbox.received("dpi", 200)).map(({ controlId }) => controlId);
  expect(stored.filter((id) => sent.includes(id)).sort()).toEqual([...sent].sort());
});

test("a pipe gets a table of plain text", async () => {
  const { stdout } = await sharedSandbox().exec("eai", ["send", "--count", "3"]);
  const [head, row, ...rest] = stdout.split("\n");
  expect(head).toBe("exchanges\tcodes\tmessages/s\tbytes/s\tp50 ms\tp90 ms\tp99 ms\tmax ms");
  expect(row).toMatch(/^3\tAA 3(\t[\d.]+){6}$/);
  expect(rest).toEqual([""]);
});

test("a run that refuses to begin says why: one control ID cannot be sent twice", async () => {
  const { code, stdout, stderr } = await sharedSandbox().exec("eai", ["send", "--as-is", "--count", "2"]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(/^error: --as-is with 2 messages repeats one control ID\nhint: /);
});

test("a run that fails half-way says how far it came", async () => {
  const args = ["send", "--count", "5", "--port", "1"];
  const { code, stdout, stderr } = await sharedSandbox().exec("eai", args);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^0 of 5\tnone\t/m);
  expect(stderr).toMatch(/^error: no connection to 127\.0\.0\.1:1: nothing listens there\nhint: /);
});

test("a reader that is gone does not make a success of a failure, and a loop without a reader ends", async () => {
  const line =
    "send --port 1 | true; echo $PIPESTATUS; send | true; echo $PIPESTATUS; send-loop --every 50ms | head -1";
  const { stdout } = await sharedSandbox().exec("eai", ["bash", "-c", line]);
  expect(stdout.split("\n").slice(0, 2)).toEqual(["1", "0"]);
  expect(stdout).toMatch(/sent MDM\^T02 \S+, 9040 bytes: acknowledged AA/);
});
