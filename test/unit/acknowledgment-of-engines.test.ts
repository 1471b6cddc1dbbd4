import { describe, expect, test } from "vitest";
import { stamp } from "../../src/commands/source.ts";
import type { Message } from "../../src/hl7/message.ts";
import { frame } from "../../src/mllp/frame.ts";
import { MllpServer } from "../../src/mllp/server.ts";
import { senderTo, template } from "./peer.ts";

/** Has a message acknowledged by an engine that answers with these bytes; ID stands for the control ID. */
async function answered(write: (message: Message) => Uint8Array, timeoutMs = 5000) {
  const message = stamp(template);
  await using engine = await MllpServer.listen({
    host: "127.0.0.1",
    port: 0,
    answer: async ({ kind }) => (kind === "payload" ? { bytes: write(message) } : undefined),
  });
  using sender = senderTo(engine, timeoutMs);
  return await sender.exchange(message);
}

const segments = (message: Message, ...lines: string[]) =>
  lines.map((line) => line.replaceAll(/\bID(0?)\b/g, `${message.controlId}$1`));
const payload = (message: Message, lines: string[], end = "\r") =>
  Buffer.from(segments(message, ...lines, "").join(end));

const HEADER = "MSH|^~\\&|DPI|CHU_X|EAI|CHU_X|20260115093001||ACK^T02^ACK|1|T|2.6";

describe("an acknowledgment as engines write it is accepted:", () => {
  test.each<[string, string[]]>([
    ["MSH-12 cut short, no MSH-17 and MSH-18", ["MSH|^~\\&|EAI|X|DPI|X|1||ACK^A01^ACK|1|T|2.5", "MSA|AA|ID"]],
    ["a structure of its own", ["MSH|^~\\&|EAI|X|DPI|X|1||ACK^A01^ACK_A01|1|T|2.5", "MSA|AA|ID"]],
    ['an MSH-10 that is "ACK"', ["MSH|^~\\&|EAI|X|DPI|X|1||ACK^A01|ACK|T|2.5", "MSA|AA|ID"]],
    ["ACK alone, and hardly a header", ["MSH|^~\\&|||||||ACK||P|2.3", "MSA|AA|ID"]],
    ["no MSH-7, no MSH-10", ["MSH|^~\\&|A|B|C|D|||ACK", "MSA|AA|ID"]],
    ["another version and processing ID", ["MSH|^~\\&|A|B|C|D|1||ACK|1|P|2.3.1", "MSA|AA|ID"]],
    ["the header of the message (mllp-node)", ["MSH|^~\\&|DPI|X|EAI|X|1||MDM^T02^MDM_T02|ID|T|2.6", "MSA|AA|ID"]],
    ["words in MSA-3", [HEADER, "MSA|AA|ID|Message received successfully"]],
    ["empty fields behind", [HEADER, "MSA|AA|ID|||||"]],
    ["software and its own segments before MSA", [HEADER, "SFT|Engine|4.5", "ZAK|1", "MSA|AA|ID"]],
    ["segments behind MSA", [HEADER, "MSA|AA|ID", "NTE|1||queued", "ZZZ|1"]],
    ["ERR that informs", [HEADER, "MSA|AA|ID", "ERR||PID^1^3|0^Message accepted|I"]],
    ["delimiters of its own", ["MSH#*!/%#A#B#C#D#1##ACK*T02#1#T#2.6", "MSA#AA#ID"]],
    ["CA", [HEADER, "MSA|CA|ID"]],
  ])("%s", async (_, lines) => {
    const { acknowledgment, message } = await answered((sent) => frame(payload(sent, lines)));
    expect(acknowledgment).toMatchObject({ code: expect.stringMatching(/^[AC]A$/), controlId: message.controlId });
  });

  test.each<[string, string]>([
    ["LF", "\n"],
    ["CR LF", "\r\n"],
    ["CR", "\r"],
  ])("segments that end with %s, the last one or not", async (_, end) => {
    for (const cut of [0, end.length]) {
      const whole = (sent: Message) => payload(sent, [HEADER, "MSA|AA|ID"], end);
      const { acknowledgment } = await answered((sent) => frame(whole(sent).subarray(0, whole(sent).length - cut)));
      expect(acknowledgment).toMatchObject({ code: "AA" });
    }
  });

  test.each<[string, string, string]>([
    ["line ends behind the frame", "", "\r\n"],
    ["line ends before it", "\r\n", ""],
    ["a zero byte behind it", "", "\0"],
  ])("%s", async (_, before, behind) => {
    const { acknowledgment } = await answered((sent) =>
      Buffer.concat([Buffer.from(before), frame(payload(sent, [HEADER, "MSA|AA|ID"])), Buffer.from(behind)]),
    );
    expect(acknowledgment).toMatchObject({ code: "AA" });
  });

  test("behind one of another message", async () => {
    const { acknowledgment, ignored } = await answered((sent) =>
      Buffer.concat([frame(payload(sent, [HEADER, "MSA|AA|OTHER"])), frame(payload(sent, [HEADER, "MSA|AA|ID"]))]),
    );
    expect([acknowledgment.code, ignored]).toEqual(["AA", 'AA for "OTHER"']);
  });
});

describe("what is not the acknowledgment of the message is no success:", () => {
  const OTHER = "acknowledgment-timeout";
  const LATE_MS = 200;
  const NONE = "malformed-acknowledgment";

  test.each<[string, string[], string]>([
    ["no MSA-2", [HEADER, "MSA|AA"], OTHER],
    ["an empty MSA-2", [HEADER, "MSA|AA|"], OTHER],
    ["a control ID with a blank behind", [HEADER, "MSA|AA|ID "], OTHER],
    ["a longer control ID", [HEADER, "MSA|AA|ID0"], OTHER],
    ["the control ID in a component", [HEADER, "MSA|AA|ID^1"], OTHER],
    ["MSH-10 in the place of MSA-2", ["MSH|^~\\&|A|B|C|D|1||ACK|ID|T|2.6", "MSA|AA|1"], OTHER],
    ["the control ID in MSA-3", [HEADER, "MSA|AA||ID"], OTHER],
    ["no MSA", ["MSH|^~\\&|A|B|C|D|1||ACK|ID|T|2.6"], NONE],
    ["a code of its own", [HEADER, "MSA|OK|ID"], NONE],
    ["a code in small letters", [HEADER, "MSA|aa|ID"], NONE],
    ["no code", [HEADER, "MSA||ID"], NONE],
    ["no header", ["MSA|AA|ID"], NONE],
  ])("%s", async (_, lines, code) => {
    await expect(answered((sent) => frame(payload(sent, lines)), LATE_MS)).rejects.toMatchObject({ code });
  });

  test.each(["AE", "AR", "CE", "CR"])("%s is told as what it is", async (code) => {
    const { acknowledgment } = await answered((sent) => frame(payload(sent, [HEADER, `MSA|${code}|ID|no`])));
    expect(acknowledgment).toMatchObject({ code, details: ["no"] });
  });

  test("the control ID in small letters", async () => {
    const small = (sent: Message) => `${HEADER}\rMSA|AA|${sent.controlId.toLowerCase()}\r`;
    await expect(answered((sent) => frame(Buffer.from(small(sent))), LATE_MS)).rejects.toMatchObject({ code: OTHER });
  });
});
