import { expect, test } from "vitest";
import { readOwnMessage } from "../../src/commands/source.ts";
import { type SiteName, sharedSandbox } from "./sandbox/index.ts";

test.each<[SiteName, SiteName]>([
  ["eai", "dpi"],
  ["dpi", "eai"],
])("from %s to %s, to the byte", async (sender, receiver) => {
  const sandbox = sharedSandbox();
  const { payload: own } = await readOwnMessage(sender);
  const document = Buffer.from(`NTE|1||${"Réault ".repeat(150_000)}\r`);
  const input = Buffer.concat([own, document]);
  const { code, stdout } = await sandbox.exec(sender, ["send", "--json", "-"], { input });
  expect(code).toBe(0);
  const sent = JSON.parse(stdout);
  expect(sent).toMatchObject({ code: "AA", sizeBytes: expect.toSatisfy((size: number) => size > 1_000_000) });
  const stored = (await sandbox.received(receiver)).find(({ controlId }) => controlId === sent.controlId);
  const arrived = Buffer.from(stored?.payloadBase64 ?? "", "base64");
  expect(arrived.subarray(-document.length).equals(document)).toBe(true);
});

test("one over the limit is refused before it is sent, with the limit in the error", async () => {
  const { payload: own } = await readOwnMessage("eai");
  const input = Buffer.concat([own, Buffer.alloc(17 * 1024 * 1024, "x")]);
  const { code, stderr } = await sharedSandbox().exec("eai", ["send", "-"], { input });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: MDM\^T02 \S+ was not sent: \d+ bytes, the limit is 16777216\nhint: /);
});
