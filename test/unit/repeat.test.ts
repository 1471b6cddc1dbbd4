import { expect, test } from "vitest";
import type { Handler } from "../../src/commands/handler.ts";
import { stamp } from "../../src/commands/source.ts";
import { Message } from "../../src/hl7/message.ts";
import { template } from "./peer.ts";
import { acknowledgmentsIn, receiveInto } from "./receiver.ts";
import { SiteStore } from "./site-store.ts";

/** A handler that takes every message and keeps what it was asked. */
function accepting(wait: (message: Message) => unknown = () => {}) {
  const asked: string[] = [];
  const say: Handler = async (message) => {
    await wait(message);
    asked.push(message.controlId);
    return "AA" as const;
  };
  return { say, asked };
}

/** The same header over as many bytes, of which one is another. */
const altered = ({ payload }: Message) => Message.read(Buffer.concat([payload.subarray(0, -2), Buffer.from("X\r")]));
const stored = (site: SiteStore) => site.journal.after(0, 100).map(({ code, repeats }) => `${code} +${repeats}`);

test("a message that comes again gets the same bytes again, is stored once and counted", async () => {
  using site = new SiteStore();
  const { say, asked } = accepting();
  const dpi = await receiveInto(site, {}, say);
  const message = stamp(template);
  const first = await dpi.bytesFor(message);
  expect(acknowledgmentsIn(first && { bytes: first })).toMatchObject([{ code: "AA", controlId: message.controlId }]);
  expect([await dpi.bytesFor(message), await dpi.bytesFor(message)]).toEqual([first, first]);
  expect(stored(site)).toEqual(["AA +2"]);
  expect(asked).toEqual([message.controlId]);
  expect(dpi.events().slice(1)).toEqual(["message-accepted", "message-repeated", "message-repeated"]);
  expect(dpi.logged()).toContain(`${message.controlId} again: it is stored as #1, and gets the same AA`);
});

test.each([
  ["NE", "NE", [], "AA +1"],
  ["AL", "NE", ["CA"], "CA +1"],
  ["AL", "AL", ["CA", "AA"], "AA +1"],
])("a message is stored once whatever it asked for: %s and %s", async (accept, application, codes, entry) => {
  using site = new SiteStore();
  const dpi = await receiveInto(site);
  const message = stamp(template).withHeader({ 15: accept, 16: application });
  const first = await dpi.answerTo(message);
  expect(acknowledgmentsIn(first).map(({ code }) => code)).toEqual(codes);
  expect(await dpi.answerTo(message)).toEqual(first);
  expect(stored(site)).toEqual([entry]);
});

test("other bytes under an accepted control ID are refused with AE 205, and the first message stays", async () => {
  using site = new SiteStore();
  const { say, asked } = accepting();
  const dpi = await receiveInto(site, {}, say);
  const message = stamp(template);
  const first = await dpi.bytesFor(message);
  expect(await dpi.acknowledge(altered(message))).toMatchObject([
    { code: "AE", controlId: message.controlId, details: [expect.stringMatching(/MSH\^1\^10 205\^Duplicate.* #1$/)] },
  ]);
  expect(await dpi.bytesFor(message)).toEqual(first);
  expect(stored(site)).toEqual(["AA +1", "AE +0"]);
  expect(asked).toHaveLength(1);
});

test("other bytes that are refused for themselves hear of that, and not of the control ID", async () => {
  using site = new SiteStore();
  const dpi = await receiveInto(site);
  const message = stamp(template);
  await dpi.codesFor(message);
  expect(await dpi.codesFor(message.withHeader({ 9: "ORU^R01" }))).toEqual(["AR"]);
});

test.each([
  ["another application", { 3: "LAB" }, {}],
  ["another facility", { 4: "CHU_Y" }, {}],
  ["an application whose name ends where a facility's begins", { 3: "A", 4: "BC" }, { 3: "AB", 4: "C" }],
])("the same control ID of %s is another message", async (_, header, other) => {
  using site = new SiteStore();
  const dpi = await receiveInto(site);
  const message = stamp(template).withHeader(other);
  expect([await dpi.codesFor(message), await dpi.codesFor(message.withHeader(header))]).toEqual([["AA"], ["AA"]]);
  expect(stored(site)).toEqual(["AA +0", "AA +0"]);
});

const whole = stamp(template);
const [header] = whole.segments();
const headerAlone = Message.read(Buffer.from(`${header}\r`, "latin1"));

test("what was refused claims no control ID: the mended message under the same one is taken", async () => {
  using site = new SiteStore();
  const dpi = await receiveInto(site);
  const codes = [headerAlone, headerAlone, whole, whole].map((message) => dpi.codesFor(message));
  expect(await Promise.all(codes)).toEqual([["AE"], ["AE"], ["AA"], ["AA"]]);
  expect(stored(site)).toEqual(["AE +0", "AE +0", "AA +1"]);
});

test("what was refused is judged by today's settings when it comes again", async () => {
  using site = new SiteStore();
  const cut = Message.read(whole.payload.subarray(0, -1));
  expect(await (await receiveInto(site)).codesFor(cut)).toEqual(["AE"]);
  expect(await (await receiveInto(site, { FINAL_CR: "optional" })).codesFor(cut)).toEqual(["AA"]);
});

test("what the application refused is asked of it again, though the message was taken (CA)", async () => {
  using site = new SiteStore();
  const message = stamp(template).withHeader({ 15: "AL", 16: "AL" });
  let times = 0;
  const dpi = await receiveInto(site, {}, () => (times++ === 0 ? "AR" : "AA"));

  expect(await dpi.codesFor(message)).toEqual(["CA", "AR"]);
  expect(await dpi.codesFor(message)).toEqual(["CA", "AA"]);
  expect(await dpi.codesFor(message)).toEqual(["CA", "AA"]);
  expect(stored(site)).toEqual(["AR +0", "AA +1"]);
});

test("a message without a control ID is never the same as another", async () => {
  using site = new SiteStore();
  const dpi = await receiveInto(site);
  const nameless = template.withHeader({ 10: "" });
  expect([await dpi.codesFor(nameless), await dpi.codesFor(nameless)]).toEqual([["AE"], ["AE"]]);
  expect(stored(site)).toEqual(["AE +0", "AE +0"]);
});

test("two that are the same at the same moment are stored once, and the handler is asked once", async () => {
  using site = new SiteStore();
  const { say, asked } = accepting();
  const dpi = await receiveInto(site, {}, say);
  const message = stamp(template);
  const [one, two] = await Promise.all([dpi.bytesFor(message), dpi.bytesFor(message)]);
  expect(one).toBeDefined();
  expect(two).toEqual(one);
  expect(stored(site)).toEqual(["AA +1"]);
  expect(asked).toEqual([message.controlId]);
});

test("a message waits for the one under its control ID, and for no other", async () => {
  using site = new SiteStore();
  const [slow, quick] = [stamp(template), stamp(template)];
  const held = Promise.withResolvers<void>();
  const { say, asked } = accepting(({ controlId }) => controlId === slow.controlId && held.promise);
  const dpi = await receiveInto(site, {}, say);
  const waiting = Promise.all([dpi.codesFor(slow), dpi.codesFor(altered(slow))]);
  expect(await dpi.codesFor(quick)).toEqual(["AA"]);
  expect(stored(site)).toEqual(["AA +0"]);
  held.resolve();
  expect(await waiting).toEqual([["AA"], ["AE"]]);
  expect(asked).toEqual([quick.controlId, slow.controlId]);
});
