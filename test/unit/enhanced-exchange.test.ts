import { afterEach, expect, test, vi } from "vitest";
import type { Sender } from "../../src/commands/exchange.ts";
import { stamp } from "../../src/commands/source.ts";
import type { AcknowledgmentCode } from "../../src/hl7/acknowledgment.ts";
import { Message } from "../../src/hl7/message.ts";
import { writeAcknowledgment } from "../../src/hl7/write-acknowledgment.ts";
import { MllpClient } from "../../src/mllp/client.ts";
import { frame } from "../../src/mllp/frame.ts";
import { MllpServer } from "../../src/mllp/server.ts";
import { answerer, senderTo, template } from "./peer.ts";
import { ToldLimit } from "./told-limit.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** A far listener that answers each message with these codes in one write; "other" is an AA under another control ID. */
const serve = (...codes: (AcknowledgmentCode | "other")[]) => serveEach(() => codes);

/** The same, with other codes for each message. */
const serveEach = (codes: () => (AcknowledgmentCode | "other")[]) =>
  MllpServer.listen({
    host: "127.0.0.1",
    port: 0,
    answer: async (received) => {
      const message = Message.read(received.kind === "payload" ? received.payload : Buffer.alloc(0));
      const payloads = codes().map((code) =>
        code === "other"
          ? writeAcknowledgment(answerer, template.withHeader({ 10: "OTHER" }))
          : writeAcknowledgment(answerer, message, code),
      );
      return { bytes: Buffer.concat(payloads.map(frame)) };
    },
  });

const asking = (accept: string, application: string) => stamp(template).withHeader({ 15: accept, 16: application });
const outcome = async (sender: Sender, message: Message) => {
  const { acknowledgment, ignored } = await sender.exchange(message);
  return [acknowledgment.code, ignored.replaceAll(message.controlId, "it")];
};

test.each([
  ["AL", "AL", ["CA", "AA"], "AA"],
  ["AL", "AL", ["CA", "AE"], "AE"],
  ["AL", "SU", ["CA", "AA"], "CA"],
  ["NE", "SU", ["AA"], "AA"],
  ["AL", "ER", ["CA"], "CA"],
  ["AL", "ER", ["CA", "AE"], "AE"],
  ["AL", "NE", ["CA", "AE"], "CA"],
  ["AL", "AL", ["AA"], "AA"],
  ["AL", "NE", ["CA"], "CA"],
  ["AL", "", ["CA"], "CA"],
  ["SU", "ER", ["CA"], "CA"],
  ["NE", "AL", ["AA"], "AA"],
  ["", "AL", ["AR"], "AR"],
  ["AL", "AL", ["CE"], "CE"],
  ["AL", "AL", ["CR"], "CR"],
  ["", "", ["AA"], "AA"],
  ["", "", ["CA"], "CA"],
] as const)(
  "asked for %j and %j, and answered %j, an exchange ends with %s and ignores nothing",
  async (accept, application, codes, code) => {
    await using far = await serve(...codes);
    using sender = senderTo(far);
    expect(await outcome(sender, asking(accept, application))).toEqual([code, ""]);
  },
);

test("CA alone is not what the application says: without that an exchange fails, and the error tells that CA came", async () => {
  using limit = new ToldLimit();
  await using far = await serve("CA");
  using sender = senderTo(far);
  const message = asking("AL", "AL");
  const { receive } = MllpClient.prototype;
  let waits = 0;
  vi.spyOn(MllpClient.prototype, "receive").mockImplementation(function (this: MllpClient, deadline) {
    // the first wait brought CA
    if (++waits === 2) limit.pass();
    return receive.call(this, deadline);
  });
  await expect(sender.exchange(message)).rejects.toMatchObject({
    code: "acknowledgment-timeout",
    message: expect.stringMatching(
      new RegExp(`${message.controlId} .* within 2000 ms; it was taken \\(CA\\), but the application said nothing$`),
    ),
  });
});

test("the application's word that nobody asked for is ignored by the next exchange, and told", async () => {
  await using far = await serve("CA", "AE");
  using sender = senderTo(far);
  const [first, second] = [asking("AL", "NE"), asking("AL", "NE")];
  expect(await outcome(sender, first)).toEqual(["CA", ""]);
  expect(await outcome(sender, second)).toEqual(["CA", `AE for "${first.controlId}"`]);
});

test("acknowledgments of no message that waits are ignored and told, few by name", async () => {
  await using far = await serve("other", "other", "other", "other", "other", "AA");
  using sender = senderTo(far);
  const named = Array(3).fill('AA for "OTHER"').join("; ");
  expect(await outcome(sender, asking("", ""))).toEqual(["AA", `${named}; 2 more`]);
});

test("what a try has brought twice is not taken for the acknowledgment of the next try", async () => {
  const codes: AcknowledgmentCode[][] = [["AE", "AE"], ["AA"]];
  await using far = await serveEach(() => codes.shift() ?? []);
  using sender = senderTo(far);
  const message = asking("", "");
  expect(await outcome(sender, message)).toEqual(["AE", ""]);
  expect(await outcome(sender, message)).toEqual(["AA", ""]);
});

test.each([
  ["NE", "NE"],
  ["NE", "ER"],
  ["ER", ""],
  ["", "NE"],
])("a message that asks for no acknowledgment of a success is not sent: %j and %j", async (accept, application) => {
  await using far = await serve("AA");
  using sender = senderTo(far);
  await expect(sender.exchange(asking(accept, application))).rejects.toMatchObject({
    code: "acknowledgment-unasked",
    hint: expect.stringContaining("AL"),
  });
});
