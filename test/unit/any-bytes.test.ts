import { isUtf8 } from "node:buffer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readAcknowledgment } from "../../src/hl7/acknowledgment.ts";
import { Message } from "../../src/hl7/message.ts";
import { frame, type Received } from "../../src/mllp/frame.ts";
import { FrameDecoder } from "../../src/mllp/frame-decoder.ts";
import { anyBytes, anyCuts, anyJunk, anyPayload, cut, runs } from "./any.ts";
import { openListener } from "./listener.ts";

const latin1 = (text: string) => Buffer.from(text, "latin1");

const SIGNS: Record<number, string> = { 11: "S", 28: "E", 13: "R" };
// S start block, E R end block: a frame, a frame that never ends, and all else, where a start block may end a token
const GRAMMAR = /S(?:([^S]*?)ER|([^S]+))|(?:S(?=S|$)|[^S])+/g;

/** What the grammar of MLLP says of a whole stream. */
function grammarOf(stream: Buffer, maxPayloadBytes: number): unknown[] {
  const signs = [...stream].map((byte) => SIGNS[byte] ?? "x").join("");
  return [...signs.matchAll(GRAMMAR)].map(({ 0: token, 1: whole, 2: begun, index }) => {
    const { length } = whole ?? begun ?? "";
    const text = stream.toString("latin1", index + 1, index + 1 + length);
    if (whole === undefined && begun === undefined) return ["outside", index, token.length];
    if (whole !== undefined && length <= maxPayloadBytes) return ["payload", index, text];
    // one byte over the limit may still become the first one of an end block
    if (whole !== undefined || length > maxPayloadBytes + 1) return ["too-large", index];
    if (token.endsWith("E")) return ["unfinished", index, text, "half-end-block"];
    return ["unfinished", index, text, index + token.length === stream.length ? "end-of-stream" : "start-block"];
  });
}

function told(found: Received[]): unknown[] {
  const facts: unknown[][] = [];
  for (const one of found) {
    const last = facts.at(-1);
    // what lies outside of frames is told once a chunk
    if (one.kind === "outside" && last?.[0] === "outside") last[2] = Number(last[2]) + one.lengthBytes;
    else if (one.kind === "outside") facts.push(["outside", one.atByte, one.lengthBytes]);
    else if (one.kind === "payload") facts.push(["payload", one.atByte, one.payload.toString("latin1")]);
    else if (one.kind === "too-large") facts.push(["too-large", one.atByte]);
    else facts.push(["unfinished", one.atByte, one.head.toString("latin1"), one.because]);
  }
  return facts;
}

test("any bytes, cut anywhere, are read as the grammar of MLLP reads them in one piece", () => {
  const limits = fc.constantFrom(0, 1, 2, 5, 1000);
  fc.assert(
    fc.property(anyBytes(60), fc.array(fc.nat(), { maxLength: 60 }), limits, (stream, cuts, maxPayloadBytes) => {
      const decoder = new FrameDecoder(maxPayloadBytes);
      const found = cut(stream, cuts).flatMap((chunk) => decoder.push(chunk));
      expect(told([...found, ...decoder.end()])).toEqual(grammarOf(stream, maxPayloadBytes));
    }),
    runs(500),
  );
});

/** A part of a stream, the payload that arrives of it, and how it is answered; undefined where it is not. */
interface Part {
  bytes: Buffer;
  payload?: Buffer;
  answered?: { accepted: boolean; controlId?: string };
}

let sent = 0;

/** A message that DPI takes, but where its bytes are not what it declares, or where its last segment has no CR. */
const anyMessage = fc
  .record({
    charset: fc.constantFrom("8859/1", "UNICODE UTF-8", ""),
    content: anyPayload(40),
    // the full stop keeps a last 0x1C from the CR that would make an end block of it
    end: fc.constantFrom(".\r", "."),
  })
  .map(({ charset, content, end }): Part => {
    const controlId = `ANY${sent++}`;
    const header = `MSH|^~\\&|EAI|CHU_X|DPI|CHU_X|20260115093000||MDM^T02|${controlId}|T|2.6||||||${charset}`;
    const segments = [header, "EVN|", "PID|", "PV1|", "TXA|", `OBX|${content.toString("latin1")}${end}`];
    const payload = latin1(segments.join("\r"));
    const accepted = end === ".\r" && (charset === "8859/1" || isUtf8(payload));
    return { bytes: frame(payload), payload, answered: { accepted, controlId } };
  });

/** A message twice: what was accepted is stored once, what was refused is judged anew. */
const anyRepeat = anyMessage.map((message): Part[] => {
  const { bytes, answered } = message;
  return [message, answered?.accepted ? { bytes, answered } : message];
});

const anyText = anyPayload(6).map((bytes) => bytes.toString("latin1"));

/** A header of any fields between any delimiters: refused for want of a type that is taken, under its control ID. */
const anyHeader = fc.tuple(anyText, fc.array(anyText, { maxLength: 20 })).map(([delimiters, fields]): Part => {
  const separator = delimiters.slice(0, 1);
  const payload = latin1(`MSH${[delimiters, ...fields].join(separator)}`.replaceAll("\x1c\r", "\x1c."));
  const [header = ""] = payload.toString("latin1").split(/[\r\n]/);
  const isRead = /^[!-/:-@[-`{-~]$/.test(separator) && header.length > 3;
  const controlId = (isRead && header.split(separator)[9]) || "";
  return { bytes: frame(payload), payload, answered: { accepted: false, controlId } };
});

const anyJunkFrame = anyPayload(40).map(
  (payload): Part => ({ bytes: frame(payload), payload, answered: { accepted: false } }),
);

/** A frame whose end block never comes, and a message behind it. */
const anyUnfinished = fc.tuple(anyPayload(40), anyMessage).map(([head, message]): Part[] => {
  const begun = Buffer.concat([latin1("\x0b"), head]);
  // a start block alone is bytes outside a frame
  return [head.length === 0 ? { bytes: begun } : { bytes: begun, answered: { accepted: false } }, message];
});

const anyParts = fc
  .array(
    fc.oneof(
      anyMessage.map((message) => [message]),
      anyHeader.map((header) => [header]),
      anyJunkFrame.map((junk) => [junk]),
      anyJunk(10).map((bytes) => [{ bytes }]),
      anyUnfinished,
      anyRepeat,
    ),
    { maxLength: 6 },
  )
  .map((parts): Part[] => parts.flat());

test("any messages, with any junk between them, cut anywhere, are stored to the byte and answered once each", async () => {
  await fc.assert(
    fc.asyncProperty(anyParts, anyCuts, async (parts, cuts) => {
      // a listener of its own: what fails is tried again in shorter forms, under the same control IDs
      await using listener = await openListener();
      const given = new Map<string, Buffer>();
      const acknowledgments = await listener.exchange(...cut(Buffer.concat(parts.map(({ bytes }) => bytes)), cuts));
      const answers = acknowledgments.map((payload) => {
        const { code, controlId } = readAcknowledgment(payload);
        const acknowledgment = Message.read(payload);
        const errors = acknowledgment.segments().filter((segment) => segment.startsWith("ERR"));
        // nothing of a message may shift the fields of its refusal
        const numbers = errors.map((segment) => segment.split(acknowledgment.delimiters.field).length);
        expect(numbers).toEqual(code === "AA" ? [] : [9]);
        const accepted = code === "AA";
        // a message that comes again gets the acknowledgment that it was given, byte for byte
        if (accepted) expect(payload).toEqual(given.get(controlId) ?? payload);
        given.set(controlId, payload);
        return { accepted, controlId };
      });
      const answered = parts.flatMap(({ answered }) => answered ?? []);
      expect(answers).toEqual(answered.map((one) => ({ controlId: expect.any(String), ...one })));
      const stored = listener.journal.after(0, 100).map(({ payload }) => Buffer.from(payload).toString("latin1"));
      expect(stored).toEqual(parts.flatMap(({ payload }) => payload?.toString("latin1") ?? []));
    }),
    runs(30),
  );
});
