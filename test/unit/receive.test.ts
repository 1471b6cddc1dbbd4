import { expect, test } from "vitest";
import { readOwnMessage } from "../../src/commands/source.ts";
import { printable } from "../../src/hl7/text.ts";
import type { Answer } from "../../src/mllp/server-connection.ts";
import { acknowledgmentsIn, receiveInto } from "./receiver.ts";
import { SiteStore } from "./site-store.ts";

const message = await readOwnMessage("eai");
const connection = { peer: "127.0.0.1:4711" };

/** What stands in the one frame of an answer. */
function acknowledgmentIn(answer: Answer | undefined) {
  const [acknowledgment] = acknowledgmentsIn(answer);
  if (!acknowledgment) throw new Error("no acknowledgment");
  return acknowledgment;
}

async function prepare() {
  const site = new SiteStore({ keep: 10, keepDays: 1 });
  const dpi = await receiveInto(site);
  const answer = async (payload: Buffer) => acknowledgmentIn(await dpi.answerTo({ payload }, connection.peer));
  return Object.assign(site, dpi, { answer });
}

test("what is acknowledged AA is in the journal, to the byte", async () => {
  using listener = await prepare();
  expect(await listener.answer(message.payload)).toMatchObject({ code: "AA", controlId: message.controlId });
  const [entry] = listener.journal.after(0, 10);
  expect(entry).toMatchObject({ type: "MDM^T02", controlId: message.controlId, code: "AA", peer: connection.peer });
  expect(message.payload.equals(entry?.payload ?? Buffer.alloc(0))).toBe(true);
});

test("what cannot be stored is answered AR, never AA", async () => {
  using listener = await prepare();
  listener.store[Symbol.dispose]();
  expect(await listener.answer(message.payload)).toMatchObject({ code: "AR", controlId: message.controlId });
  expect(listener.logged()).toContain("store-failed");
});

test("what is refused is answered, stored as refused, and told in the log", async () => {
  using listener = await prepare();
  expect(await listener.answer(Buffer.from("GET / HTTP/1.1\r\n\r\n"))).toMatchObject({ code: "AE", controlId: "" });
  expect(await listener.answer(message.withHeader({ 9: "ORU^R01" }).payload)).toMatchObject({ code: "AR" });
  expect(listener.journal.after(0, 10).map(({ code }) => code)).toEqual(["AE", "AR"]);
  expect(listener.logged()).toContain("refused with AE, MSH^1 100");
});

test("a frame that was not finished is refused under its own control ID", async () => {
  using listener = await prepare();
  const head = message.payload.subarray(0, 300);
  const unfinished = { kind: "unfinished", head, lengthBytes: 300, atByte: 7, because: "start-block" } as const;
  const acknowledgment = acknowledgmentIn(await listener.receiver.answer(unfinished, connection));
  expect(acknowledgment).toMatchObject({ code: "AE", controlId: message.controlId });
  expect(acknowledgment.details.join()).toContain("frame of byte 7 not finished after 300 bytes");
});

test.each([
  ["inside MSH-10", 80],
  ["right behind MSH-10", 90],
])("a frame cut %s is refused under no control ID, for it may be another's", async (_, lengthBytes) => {
  using listener = await prepare();
  const header = "MSH|^~\\&|EAI|CHU_X|DPI|CHU_X|20260115093000||MDM^T02^MDM_T02|MDM20260115093000001|T";
  const head = Buffer.from(header.slice(0, Math.min(lengthBytes, header.indexOf("|T"))));
  const unfinished = { kind: "unfinished", head, lengthBytes, atByte: 0, because: "start-block" } as const;
  const acknowledgment = acknowledgmentIn(await listener.receiver.answer(unfinished, connection));
  expect(acknowledgment).toMatchObject({ code: "AE", controlId: "" });
});

test("a frame cut within its wish for no acknowledgment is refused all the same", async () => {
  using listener = await prepare();
  const head = Buffer.from("MSH|^~\\&|EAI|CHU_X|DPI|CHU_X|1||MDM^T02^MDM_T02|A|T|2.6|||NE|");
  const unfinished = { kind: "unfinished", lengthBytes: head.length, atByte: 0, because: "end-of-stream" } as const;
  const cut = await listener.receiver.answer({ ...unfinished, head }, connection);
  expect(acknowledgmentIn(cut)).toMatchObject({ code: "AE", controlId: "A" });
  const whole = Buffer.concat([head, Buffer.from("NE||FRA")]);
  expect(await listener.receiver.answer({ ...unfinished, head: whole }, connection)).toBeUndefined();
});

test("an acknowledgment that could not be sent is told under its control ID", async () => {
  using listener = await prepare();
  listener.receiver.handlers().onUnsent?.({ kind: "payload", payload: message.payload, atByte: 0 }, connection);
  expect(listener.logged()).toContain(`the acknowledgment of MDM^T02 ${message.controlId} could not be sent`);
});

test("bytes outside a frame are told with their place and answered with nothing", async () => {
  using listener = await prepare();
  const outside = { kind: "outside", lengthBytes: 2, atByte: 9054 } as const;
  expect(await listener.receiver.answer(outside, connection)).toBeUndefined();
  expect(listener.logged()).toContain("2 bytes outside a frame at byte 9054");
});

test("a foreign field is made printable and short before it is logged", () => {
  expect(printable("\u001b[31m\nX\u00e9")).toBe("?[31m?X?");
  expect(printable("x".repeat(1000))).toHaveLength(60);
});

test("no log line holds anything of a patient, nor can a header break the log", async () => {
  using listener = await prepare();
  await listener.answer(message.payload);
  await listener.answer(message.withHeader({ 10: "ID\u001b[31m\nfake line" }).payload);
  for (const secret of ["PAT-TROIS", "DOMINIQUE", "279035121518989", "19790328", "\u001b", "\nfake"])
    expect(listener.logged()).not.toContain(secret);
});

test("the journal keeps as many as it should and forgets the oldest", async () => {
  using listener = await prepare();
  for (let index = 0; index < 210; index += 1) await listener.answer(message.withHeader({ 10: `N${index}` }).payload);
  const kept = listener.journal.after(0, 1000).map(({ controlId }) => controlId);
  expect(kept.at(-1)).toBe("N209");
  expect(kept.length).toBeLessThanOrEqual(110);
  expect(kept).not.toContain("N99");
});
