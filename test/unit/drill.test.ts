import { expect, test } from "vitest";
import { Drill } from "../../src/commands/drill.ts";
import { stamp } from "../../src/commands/source.ts";
import { Message } from "../../src/hl7/message.ts";
import { template } from "./peer.ts";
import { acknowledgmentsIn, receiveInto } from "./receiver.ts";
import { SiteStore } from "./site-store.ts";
import { StillClock } from "./still-clock.ts";

const stored = (site: SiteStore) => site.journal.after(0, 100).map(({ code, repeats }) => `${code} +${repeats}`);
/** What the journal has as the answer to its only message. */
const rightAnswer = (site: SiteStore) => Buffer.from(site.journal.after(0, 1)[0]?.answer ?? []);

test.each([
  ["AE", "AE", "207^Application error"],
  ["AE 204", "AE", "204^Unknown key identifier"],
  ["AR", "AR", "207^Application error"],
  ["AR 206", "AR", "206^Application record locked"],
])("ANSWER=%s refuses as it says, and claims no control ID", async (answer, code, condition) => {
  using site = new SiteStore();
  const message = stamp(template);
  const dpi = await receiveInto(site, { ANSWER: `${answer} first 1` });
  expect(await dpi.acknowledge(message)).toMatchObject([
    { code, controlId: message.controlId, details: [expect.stringContaining(`MSH^1 ${condition}`)] },
  ]);
  expect(await dpi.codesFor(message)).toEqual(["AA"]);
  expect(stored(site)).toEqual([`${code} +0`, "AA +0"]);
});

test("ANSWER=AE refuses in the place of the application: a handler is not asked, and CA comes before in enhanced mode", async () => {
  using site = new SiteStore();
  let asked = 0;
  const dpi = await receiveInto(site, { ANSWER: "AE 204" }, () => (++asked > 0 ? "AR" : "AA"));
  const enhanced = stamp(template).withHeader({ 15: "AL", 16: "AL" });
  expect([await dpi.codesFor(stamp(template)), await dpi.codesFor(enhanced)]).toEqual([["AE"], ["CA", "AE"]]);
  expect(asked).toBe(0);
});

test("ANSWER=late answers when its time has passed, and has stored before", async () => {
  using site = new SiteStore();
  using clock = new StillClock();
  const dpi = await receiveInto(site, { ANSWER: "late 2s" });
  let codes: string[] | undefined;
  const answered = dpi.codesFor(template).then((found) => {
    codes = found;
  });
  await expect.poll(() => stored(site), { interval: 1 }).toEqual(["AA +0"]);
  await clock.pass(1999);
  expect(codes).toBeUndefined();
  await clock.pass(1);
  await answered;
  expect(codes).toEqual(["AA"]);
});

test.each([
  ["twice", (right: Buffer) => ({ bytes: Buffer.concat([right, right]) })],
  ["half", (right: Buffer) => ({ bytes: right.subarray(0, right.length >> 1) })],
  ["silent", () => undefined],
  ["close", () => ({ bytes: Buffer.alloc(0), close: true })],
])("ANSWER=%s does that to the right answer, and the message is stored", async (answer, does) => {
  using site = new SiteStore();
  const dpi = await receiveInto(site, { ANSWER: answer });
  const answered = await dpi.answerTo(stamp(template));
  expect(stored(site)).toEqual(["AA +0"]);
  expect(rightAnswer(site).length).toBeGreaterThan(0);
  expect(answered && { ...answered, bytes: Buffer.from(answered.bytes) }).toEqual(does(rightAnswer(site)));
});

test("ANSWER=other-id changes MSA-2 and no other byte", async () => {
  using site = new SiteStore();
  const dpi = await receiveInto(site, { ANSWER: "other-id" });
  const message = stamp(template);
  const bytes = Buffer.from((await dpi.bytesFor(message)) ?? []);
  const right = rightAnswer(site).toString("latin1");
  expect(right).toContain(`\rMSA|AA|${message.controlId}\r`);
  expect(bytes.toString("latin1")).toBe(right.replace(message.controlId, "ANOTHER-ID"));
});

test("ANSWER=other-id finds MSA-2 behind any separator, and in both acknowledgments of enhanced mode", async () => {
  using site = new SiteStore();
  const dpi = await receiveInto(site, { ANSWER: "other-id" });
  const body = ["EVN", "PID", "PV1", "TXA", "OBX"].map((name) => `${name}#\r`).join("");
  const odd = Message.read(Buffer.from(`MSH#*!/%#A#B#C#D#1##MDM*T02#a|b#T#2.6###AL#AL\r${body}`));
  expect(await dpi.acknowledge(odd)).toMatchObject([
    { code: "CA", controlId: "ANOTHER-ID" },
    { code: "AA", controlId: "ANOTHER-ID" },
  ]);
  expect(acknowledgmentsIn({ bytes: rightAnswer(site) })).toMatchObject([{ controlId: "a|b" }, { controlId: "a|b" }]);
});

test.each([
  ["AE every 3", "AA AA AE AA AA AE AA"],
  ["AE 204 first 2", "AE AE AA AA AA AA AA"],
  ["AR every 1", "AR AR AR AR AR AR AR"],
])("ANSWER=%s misbehaves in its turns", async (answer, codes) => {
  using site = new SiteStore();
  const dpi = await receiveInto(site, { ANSWER: answer });
  const messages = Array.from({ length: 7 }, () => stamp(template));
  expect((await Promise.all(messages.map((one) => dpi.codesFor(one)))).flat()).toEqual(codes.split(" "));
});

test("a repeat is answered through it as well, and has its turn", async () => {
  using site = new SiteStore();
  const dpi = await receiveInto(site, { ANSWER: "silent first 2" });
  const message = stamp(template);
  const answers = [await dpi.bytesFor(message), await dpi.bytesFor(message), await dpi.bytesFor(message)];
  expect(answers).toEqual([undefined, undefined, rightAnswer(site)]);
  expect(stored(site)).toEqual(["AA +2"]);
});

test("what has no control ID is answered rightly, and takes no turn", async () => {
  using site = new SiteStore();
  const dpi = await receiveInto(site, { ANSWER: "silent first 1" });
  expect(await dpi.codesFor({ payload: Buffer.from("no message") })).toEqual(["AE"]);
  expect(await dpi.codesFor(template.withHeader({ 10: "" }))).toEqual(["AE"]);
  expect(await dpi.codesFor(stamp(template))).toEqual([]);
});

test("the log says at the start that the listener misbehaves, and of each message with which it did", async () => {
  using site = new SiteStore();
  const dpi = await receiveInto(site, { ANSWER: "AE every 2" });
  const message = stamp(template);
  const wrong = message.withHeader({ 9: "ORU^R01" });
  // the second is a repeat and the fourth is refused for a fault of its own: neither is the drill's doing
  for (const one of [message, message, stamp(template), wrong, stamp(template), stamp(template)])
    await dpi.answerTo(one);
  expect(dpi.events().filter((event) => event !== "message-refused")).toEqual([
    "answer-drill",
    "message-accepted",
    "message-repeated",
    "message-accepted",
    "message-accepted",
    "answer-drill",
  ]);
  expect(dpi.logged()).toContain('ANSWER=\\"AE every 2\\": this listener misbehaves, as asked');
});

test("without ANSWER nothing of it is said or done", async () => {
  using site = new SiteStore();
  const dpi = await receiveInto(site, { ANSWER: "" });
  expect(await dpi.bytesFor(stamp(template))).toEqual(rightAnswer(site));
  expect(dpi.events()).toEqual(["message-accepted"]);
});

test.each([
  [" ", "names no way"],
  ["AA", "names no way"],
  ["ae", "names no way"],
  ["toString", "names no way"],
  ["silent 3", "names no way"],
  ["silent sometimes 3", "names no way"],
  ["AE 204 205", "names no way"],
  ["close every 3 times", "names no way"],
  ["AE 999", "no condition of HL7 table 0357"],
  ["AR toString", "no condition of HL7 table 0357"],
  ["late", "no duration"],
  ["late first 3", "no duration"],
  ["late 0", "no time at all"],
  ["AE first", "no whole number"],
  ["close every 0", "no whole number"],
  ["close every -1", "no whole number"],
])("ANSWER=%j is refused, with what can be written", (text, message) => {
  expect(() => Drill.parse(text)).toThrow(
    expect.objectContaining({
      code: "invalid-setting",
      message: expect.stringMatching(new RegExp(`ANSWER.*${message}`)),
      hint: expect.any(String),
    }),
  );
});
