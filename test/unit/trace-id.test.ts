import { expect, test } from "vitest";
import { claimOf, traceIdOf, traceOf } from "../../src/hl7/claim.ts";
import { Message } from "../../src/hl7/message.ts";
import { template } from "./peer.ts";
import { receiveInto } from "./receiver.ts";
import { SiteStore } from "./site-store.ts";

test("a trace ID is 32 hexadecimal digits in lower case, as W3C Trace Context has them", () => {
  expect(traceOf(template).traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(traceOf(template).traceId).not.toBe("0".repeat(32));
});

test.each([3, 4, 10])("it is another one for another MSH-%i, and for nothing else", (field) => {
  const { traceId } = traceOf(template);
  expect(traceOf(template.withHeader({ [field]: "OTHER" })).traceId).not.toBe(traceId);
  expect(traceOf(template.withHeader({ 7: "20200101", 11: "P" })).traceId).toBe(traceId);
});

test("fields that only look the same together have two", () => {
  const one = traceOf(template.withHeader({ 3: "A", 4: "B" }));
  expect(traceOf(template.withHeader({ 3: "AB", 4: "" })).traceId).not.toBe(one.traceId);
});

test("it is over the bytes of the message, whatever their character set", () => {
  const { traceId } = traceOf(Message.read(Buffer.from("MSH|^~\\&|H\u00f4pital|X||||||ID\r", "latin1")));
  expect(traceOf(Message.read(Buffer.from("MSH|^~\\&|H\u00f4pital|X||||||ID\r", "utf8"))).traceId).not.toBe(traceId);
});

test("without a control ID there is none", () => {
  expect(traceOf(template.withHeader({ 10: "" })).traceId).toBeUndefined();
  expect(traceOf(undefined).traceId).toBeUndefined();
  expect(traceIdOf(claimOf(undefined))).toBeUndefined();
});

test("each line of the listener about a message has it: stored, repeated, refused, and another one under its ID", async () => {
  using site = new SiteStore();
  const { answerTo, logged } = await receiveInto(site);
  const { traceId } = traceOf(template);
  await answerTo(template);
  await answerTo(template);
  await answerTo(template.withHeader({ 7: "20200101" }));
  await answerTo(template.withHeader({ 9: "ORU^R01" }));
  await answerTo(template.withHeader({ 10: "" }));
  const lines = logged()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ event, traceId }) => [event, traceId])).toEqual([
    ["message-accepted", traceId],
    ["message-repeated", traceId],
    ["message-refused", traceId],
    ["message-refused", traceId],
    ["message-refused", undefined],
  ]);
});
