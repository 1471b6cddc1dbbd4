import { expect, test } from "vitest";
import { readOwnMessage } from "../../src/commands/source.ts";
import { Message } from "../../src/hl7/message.ts";
import { type SiteName, sharedSandbox } from "./sandbox/index.ts";

test.each<[SiteName, SiteName, string]>([
  ["eai", "dpi", "MDM^T02"],
  ["dpi", "eai", "ADT^A01"],
])("%s sends to %s", async (sender, receiver, type) => {
  const sandbox = sharedSandbox();
  const sent = await sandbox.send(sender);
  expect(sent).toMatchObject({ type, code: "AA" });

  const stored = (await sandbox.received(receiver)).filter(({ controlId }) => controlId === sent.controlId);
  expect(stored).toHaveLength(1);
  const arrived = Message.read(Buffer.from(stored[0]?.payloadBase64 ?? "", "base64"));
  const own = await readOwnMessage(sender);
  // what left is the site's message with a new MSH-7 and MSH-10
  const expected = own.withHeader({ 7: arrived.field(7), 10: sent.controlId });
  expect(arrived.payload.equals(expected.payload)).toBe(true);
});

test("what send prints is the exchange, and it exits 0", async () => {
  const { code, stdout, stderr } = await sharedSandbox().exec("eai", ["send", "--segments"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^sending {7}MDM\^T02 MDM\w{17} to 127\.0\.0\.1:21010, 9040 bytes$/m);
  expect(stdout).toMatch(/^acknowledged {2}AA for MDM\w{17} in \d+ ms$/m);
  expect(stdout).toMatch(/^ {2}MSA\|AA\|MDM\w{17}$/m);
});
