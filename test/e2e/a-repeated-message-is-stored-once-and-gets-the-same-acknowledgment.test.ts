import { expect, test } from "vitest";
import { readOwnMessage, stamp } from "../../src/commands/source.ts";
import { Message } from "../../src/hl7/message.ts";
import { sharedSandbox } from "./sandbox/index.ts";

const template = await readOwnMessage("eai");

/** Sends bytes as they are, and returns what came back without what a person reads beside it. */
async function sendAsIs({ payload }: Message) {
  const { stdout } = await sharedSandbox().exec("eai", ["send", "--as-is", "--json", "-"], { input: payload });
  return JSON.parse(stdout) as { code: string; details: string[]; acknowledgment: string[] };
}

const storedUnder = async (controlId: string) =>
  (await sharedSandbox().received("dpi")).filter((message) => message.controlId === controlId);

test("the same bytes again: one entry, marked as a repeat, and the acknowledgment of the first time", async () => {
  const message = stamp(template);
  const first = await sendAsIs(message);
  expect(first.code).toBe("AA");
  expect((await sendAsIs(message)).acknowledgment).toEqual(first.acknowledgment);
  expect((await sendAsIs(message)).acknowledgment).toEqual(first.acknowledgment);
  expect(await storedUnder(message.controlId)).toMatchObject([{ code: "AA", repeats: 2 }]);
  const shown = await sharedSandbox().exec("dpi", ["listen", "--no-follow", "--last", "50"]);
  expect(shown.stdout).toMatch(new RegExp(`${message.controlId}, .*: stored, AA, came again 2 times`));
});

test("other bytes under the same control ID: AE with 205, and what is stored stays", async () => {
  const message = stamp(template);
  await sendAsIs(message);
  const other = Message.read(Buffer.from(message.payload.toString("latin1").replace("DOMINIQUE", "CLAUDE"), "latin1"));
  const { code, acknowledgment } = await sendAsIs(other);
  expect([code, acknowledgment[2]]).toEqual(["AE", expect.stringMatching(/^ERR\|\|MSH\^1\^10\|205\^/)]);
  const [kept, refused] = await storedUnder(message.controlId);
  expect(Buffer.from(kept?.payloadBase64 ?? "", "base64").equals(message.payload)).toBe(true);
  expect([kept?.code, refused?.code]).toEqual(["AA", "AE"]);
});

test("the same control ID of another sender is another message", async () => {
  const message = stamp(template);
  await sendAsIs(message);
  expect((await sendAsIs(message.withHeader({ 4: "CHU_Y" }))).code).toBe("AA");
  expect(await storedUnder(message.controlId)).toHaveLength(2);
});

test.each([
  ["AL", "NE", "CA"],
  ["NE", "AL", "AA"],
  ["AL", "AL", "AA"],
])("MSH-15 %s and MSH-16 %s: the exchange ends with %s", async (accept, application, code) => {
  const told = await sendAsIs(stamp(template).withHeader({ 15: accept, 16: application }));
  expect(told).toMatchObject({ code });
  expect(told).not.toHaveProperty("ignored");
});

test("a message that asks for no acknowledgment is not sent, since nobody could say that it arrived", async () => {
  const message = stamp(template).withHeader({ 15: "NE", 16: "NE" });
  const { code, stderr } = await sharedSandbox().exec("eai", ["send", "--as-is", "-"], { input: message.payload });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: MDM\^T02 \S+ was not sent: MSH-15 and MSH-16 ask for no acknowledgment.*\nhint: /);
  expect(await storedUnder(message.controlId)).toEqual([]);
});
