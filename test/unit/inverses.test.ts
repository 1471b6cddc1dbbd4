import fc from "fast-check";
import { expect, test } from "vitest";
import { readAcknowledgment } from "../../src/hl7/acknowledgment.ts";
import { Message, payloadOfLines } from "../../src/hl7/message.ts";
import { ascii } from "../../src/hl7/text.ts";
import { writeAcknowledgment } from "../../src/hl7/write-acknowledgment.ts";
import { canBeFramed, frame } from "../../src/mllp/frame.ts";
import { FrameDecoder } from "../../src/mllp/frame-decoder.ts";
import { anyBytes, anyPayload, runs } from "./any.ts";

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
const answerer = { application: "DPI", facility: "CHU_X" };

/** MSH-1 and the four of MSH-2, all different; a header may declare fewer. */
const anyDelimiters = fc.shuffledSubarray([..."|^~\\&#*!/%$@;:,-"], { minLength: 1, maxLength: 5 });

/** A header of any bytes but line ends between any delimiters, and any bytes behind it. */
const anyMessage = fc
  .tuple(anyDelimiters, fc.array(anyPayload(8), { minLength: 8, maxLength: 20 }), anyBytes(40))
  .map(([[separator = "", ...encoding], fields, body]) => {
    const inner = fields.map((field) =>
      latin1(field)
        .replaceAll(/[\r\n]/g, "")
        .replaceAll(separator, ""),
    );
    const header = ["MSH", encoding.join(""), ...inner].join(separator);
    return Message.read(Buffer.from(`${header}\r${latin1(body)}`, "latin1"));
  });

test("a payload comes out of its frame as it went in, if and only if it can be framed", () => {
  fc.assert(
    fc.property(anyBytes(20), (payload) => {
      const found = new FrameDecoder().push(frame(payload));
      const [first] = found;
      const whole = found.length === 1 && first?.kind === "payload" && first.payload.equals(payload);
      expect(canBeFramed(payload)).toBe(whole);
    }),
    runs(200),
  );
});

test("a field written into any header is read again, and written back leaves every byte as it was", () => {
  fc.assert(
    fc.property(anyMessage, fc.integer({ min: 3, max: 25 }), anyPayload(10), (message, number, bytes) => {
      const value = latin1(bytes)
        .replaceAll(/[\r\n]/g, "")
        .replaceAll(message.field(1), "");
      const changed = message.withHeader({ [number]: value });
      expect(changed.field(number)).toBe(value);
      for (let other = 1; other <= 30; other += 1)
        if (other !== number) expect(changed.field(other)).toBe(message.field(other));
      const back = changed.withHeader({ [number]: message.field(number) });
      // a field behind the end of a header makes it longer
      if (message.hasField(number)) expect(latin1(back.payload)).toBe(latin1(message.payload));
      expect(latin1(message.withHeader({}).payload)).toBe(latin1(message.payload));
    }),
    runs(60),
  );
});

const anyRefusal = fc.record({
  code: fc.constantFrom("AE", "AR"),
  condition: fc.constantFrom(100, 101, 103, 200, 201, 202, 203, 207),
  location: fc.constantFrom("", "MSH^1", "MSH^1^10"),
  text: fc.oneof(fc.string(), anyPayload(20).map(latin1), fc.string({ unit: fc.constantFrom(..."|^~\\&#*!/%EFSRT") })),
});

/** Reads escape sequences as HL7 v2.6 §2.7 has them. */
function unescaped(
  text: string,
  { field, component, repetition, escapeCharacter, subcomponent }: Message["delimiters"],
) {
  const meant: Record<string, string> = { F: field, S: component, R: repetition, E: escapeCharacter, T: subcomponent };
  const parts = text.split(escapeCharacter);
  return parts.map((part, index) => (index % 2 === 1 ? meant[part] : part)).join("");
}

test("any acknowledgment is read as it was written, in a frame, with the delimiters of its message", () => {
  fc.assert(
    fc.property(anyMessage, fc.option(anyRefusal, { nil: undefined }), (message, refusal) => {
      const written = writeAcknowledgment(answerer, message, refusal?.code, refusal);
      expect(canBeFramed(written)).toBe(true);
      const read = readAcknowledgment(written);
      expect([read.code, read.controlId]).toEqual([refusal?.code ?? "AA", message.controlId]);
      const acknowledgment = Message.read(written);
      const { delimiters } = acknowledgment;
      const declared = Object.entries(message.delimiters).filter(([, character]) => character !== "");
      expect(delimiters).toMatchObject(Object.fromEntries(declared));
      expect(new Set(Object.values(delimiters)).size).toBe(5);
      expect([acknowledgment.field(5), acknowledgment.field(6)]).toEqual([message.field(3), message.field(4)]);
      const [, , err] = acknowledgment.segments().map((segment) => segment.split(delimiters.field));
      expect(err?.length).toBe(refusal && 9);
      if (!err || !refusal) return;
      const { escapeCharacter, ...others } = delimiters;
      expect(Object.values(others).filter((character) => err[8]?.includes(character))).toEqual([]);
      expect(unescaped(err[8] ?? "", delimiters)).toBe(ascii(refusal.text));
    }),
    runs(100),
  );
});

test("lines become a payload once: a payload stays what it is, and no byte but line ends is lost", () => {
  fc.assert(
    fc.property(anyBytes(30), (bytes) => {
      const once = payloadOfLines(bytes);
      expect(latin1(payloadOfLines(once))).toBe(latin1(once));
      const withoutEnds = (some: Buffer) => latin1(some).replaceAll(/[\r\n]/g, "");
      expect(withoutEnds(once)).toBe(withoutEnds(bytes));
    }),
    runs(100),
  );
});
