import { expect, test } from "vitest";
import { stamp } from "../../src/commands/source.ts";
import { Message } from "../../src/hl7/message.ts";
import { template } from "./peer.ts";
import { receiveInto } from "./receiver.ts";
import { SiteStore } from "./site-store.ts";

const SECRETS = ["PAT-TROIS", "DOMINIQUE", "279035121518989", "19790328", "Avenue"];
const withSegment = (message: Message, text: string) =>
  Message.read(Buffer.concat([message.payload, Buffer.from(text)]));

test("whatever becomes of a message, no log line holds anything of its patient", async () => {
  using site = new SiteStore();
  const patient = template.segments().find((segment) => segment.startsWith("PID")) ?? "";
  expect(SECRETS.filter((secret) => !patient.includes(secret))).toEqual([]);
  const dpi = await receiveInto(site, { ANSWER: "twice" });
  const message = stamp(template);
  const paths = {
    accepted: message,
    repeated: message,
    "other bytes": withSegment(message, `${patient}\r`),
    "another type": stamp(template).withHeader({ 9: "ORU^R01" }),
    "cut in the patient": Message.read(stamp(template).payload.subarray(0, 320)),
    "no header": { payload: Buffer.from(patient, "latin1") },
  };
  for (const one of Object.values(paths)) await dpi.answerTo(one);
  site.refuseWrites();
  await dpi.answerTo(stamp(template));
  site.store[Symbol.dispose]();
  await dpi.answerTo(message);
  expect(new Set(dpi.events())).toEqual(
    new Set(["answer-drill", "message-accepted", "message-repeated", "message-refused", "store-failed"]),
  );
  expect(SECRETS.filter((secret) => dpi.logged().includes(secret))).toEqual([]);
  // nor has any the room for a message, in whatever way it might be written
  expect(
    dpi
      .logged()
      .split("\n")
      .filter((line) => line.length > 500),
  ).toEqual([]);
});

const quoting = "DOMINIQUE|19790328^x~y\\z&a\rMSA|AA";

test.each([
  ["refuses with its words", () => ({ code: "AE", text: quoting }) as const],
  [
    "throws them",
    () => {
      throw new Error(quoting);
    },
  ],
  ["has a verdict that is none", () => ({ code: quoting }) as never],
])("what a handler says stays between the two applications: one that %s", async (_, say) => {
  using site = new SiteStore();
  const dpi = await receiveInto(site, {}, say);
  const [acknowledgment] = await dpi.acknowledge(stamp(template));
  expect(acknowledgment?.details.join()).toContain("DOMINIQUE");
  expect(dpi.events()).toEqual(["handler", "message-refused"]);
  expect(dpi.logged()).toMatch(/by the application \(.{1,2}listen.{1,2} shows its words\)/);
  for (const secret of SECRETS) expect(dpi.logged()).not.toContain(secret);
});

test("a handler's words can break neither the segment nor the fields of ERR", async () => {
  using site = new SiteStore();
  const dpi = await receiveInto(site, {}, () => ({ code: "AE", location: "PID^1^5", text: quoting }));
  const sent = Buffer.from((await dpi.bytesFor(stamp(template))) ?? []);
  const [, , ...errors] = Message.read(sent.subarray(1, -2)).segments();
  expect(errors).toEqual([
    "ERR||PID^1^5|207^Application error^messageErrorCondition|E||||" +
      "DOMINIQUE\\F\\19790328\\S\\x\\R\\y\\E\\z\\T\\a?MSA\\F\\AA",
  ]);
});
