import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readOwnMessage } from "../../src/commands/source.ts";
import { Message } from "../../src/hl7/message.ts";
import { PLAIN_PORT, sharedSandbox } from "./sandbox/index.ts";

const mdm = await readOwnMessage("eai");

test.each([
  ["a type that DPI does not take", mdm.withHeader({ 9: "ORU^R01^ORU_R01", 10: "E2E-TYPE" }), "AR", "200"],
  ["an event that DPI does not take", mdm.withHeader({ 9: "MDM^T01^MDM_T01", 10: "E2E-EVENT" }), "AR", "201"],
  ["another version", mdm.withHeader({ 12: "3.0", 10: "E2E-VERSION" }), "AR", "203"],
  ["a message cut short", Message.read(mdm.withHeader({ 10: "E2E-CUT" }).payload.subarray(0, 500)), "AE", "100"],
  ["line feeds for segment ends", Message.read(Buffer.from(readFileSync("eai/message.hl7"))), "AE", "100"],
])("%s", async (_, message, code, condition) => {
  const sandbox = sharedSandbox();
  const result = await sandbox.exec("eai", ["send", "--as-is", "--segments", "-"], { input: message.payload });
  expect(result.code).toBe(3);
  expect(result.stdout).toMatch(new RegExp(`^refused {7}${code} for ${message.controlId} in \\d+ ms: `, "m"));
  expect(result.stdout).toMatch(new RegExp(`^ {2}ERR\\|\\|[^|]+\\|${condition}\\^`, "m"));
  expect(result.stdout).not.toContain("acknowledged");
  const stored = (await sandbox.received("dpi")).filter(({ controlId }) => controlId === message.controlId);
  expect(stored.map((entry) => entry.code)).toContain(code);
});

test.each([
  ["no MSH", "\x0bhello\x1c\r", "MSA|AE|\rERR||MSH^1|100^"],
  ["an empty frame", "\x0b\x1c\r", "MSA|AE|\rERR||MSH^1|100^"],
  ["no control ID", "\x0bMSH|^~\\&|EAI|CHU_X|DPI|CHU_X|1||MDM^T02||T|2.6\r\x1c\r", "MSA|AE|\rERR||MSH^1^10|101^"],
  ["an unfinished frame", "\x0bMSH|^~\\&|EAI|CHU_X|DPI|CHU_X|1||MDM^T02|HALF|T|2.6\r", "MSA|AE|HALF\rERR||MSH^1|207^"],
])("%s is answered, never with AA and never with silence", async (_, bytes, answer) => {
  const { stdout } = await sharedSandbox().exec("eai", ["node", "-e", PLAIN_PORT], { input: bytes });
  expect(stdout).toContain(answer);
  expect(stdout).not.toContain("|AA|");
});

test("bytes outside a frame are told in the listener's log with their place", async () => {
  const sandbox = sharedSandbox();
  await sandbox.exec("eai", ["node", "-e", PLAIN_PORT], { input: "GET / HTTP/1.0\r\n\r\n" });
  await expect
    .poll(() => sandbox.logs("dpi"))
    .toMatch(/18 bytes outside a frame at byte 0 from 127\.0\.0\.1:\d+: ignored/);
});
