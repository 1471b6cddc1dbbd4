import fc from "fast-check";
import { expect, test } from "vitest";
import { frame, type Received } from "../../src/mllp/frame.ts";
import { FrameDecoder } from "../../src/mllp/frame-decoder.ts";
import { cut } from "./any.ts";

const decode = (chunks: Buffer[], maxPayloadBytes?: number): Received[] => {
  const decoder = new FrameDecoder(maxPayloadBytes);
  return [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.end()];
};
const payloadsOf = (found: Received[]) => found.flatMap((one) => (one.kind === "payload" ? [one.payload] : []));

/** A payload as MLLP can carry it: no start block inside, and neither end block nor the first half of one at its end. */
const payload = fc
  .uint8Array({ maxLength: 300 })
  .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 0x0b || byte === 0x1c ? 0x20 : byte))));

const junk = fc
  .uint8Array({ maxLength: 20 })
  .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 0x0b ? 0x0d : byte))));

test("any payloads, with any bytes between them, cut anywhere, come out as they went in", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(junk, payload)), fc.array(fc.nat()), (parts, cuts) => {
      const stream = Buffer.concat(parts.flatMap(([before, inside]) => [before, frame(inside)]));
      const found = decode(cut(stream, cuts));
      expect(payloadsOf(found)).toEqual(parts.map(([, inside]) => inside));
      // the place of each is where its start block stands in the whole stream
      let at = 0;
      const places = parts.map(([before, inside]) => {
        at += before.length + inside.length + 3;
        return at - inside.length - 3;
      });
      expect(found.flatMap((one) => (one.kind === "payload" ? [one.atByte] : []))).toEqual(places);
      const outsideBytes = found.reduce((sum, one) => sum + (one.kind === "outside" ? one.lengthBytes : 0), 0);
      expect(outsideBytes).toBe(parts.reduce((sum, [before]) => sum + before.length, 0));
      expect(found.every(({ kind }) => kind === "payload" || kind === "outside")).toBe(true);
    }),
  );
});

test("no bytes whatever make the decoder fail, or lose a byte without a word", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.array(fc.nat()), (bytes, cuts) => {
      const whole = Buffer.from(bytes);
      const inOne = decode([whole]);
      const reported = (found: Received[]) =>
        found.map((one) => (one.kind === "payload" ? [one.atByte, one.payload.toString("hex")] : one.kind));
      const merge = (found: Received[]) => reported(found).filter((one) => one !== "outside");
      expect(merge(decode(cut(whole, cuts)))).toEqual(merge(inOne));
    }),
  );
});

test("an end block split between two chunks ends the frame", () => {
  const bytes = frame(Buffer.from("MSH|"));
  const at = bytes.length - 1;
  expect(payloadsOf(decode([bytes.subarray(0, at), bytes.subarray(at)]))).toEqual([Buffer.from("MSH|")]);
});

test("the first byte of an end block without the second belongs to the payload", () => {
  const odd = Buffer.from("a\x1cb");
  expect(payloadsOf(decode([frame(odd)]))).toEqual([odd]);
  expect(payloadsOf(decode([Buffer.from("\x0ba\x1c"), Buffer.from("b\x1c\r")]))).toEqual([odd]);
});

test("a start block inside a frame ends it as unfinished, and never merges two messages", () => {
  const found = decode([Buffer.from("\x0bfirst\x0bsecond\x1c\r")]);
  expect(found).toEqual([
    { kind: "unfinished", head: Buffer.from("first"), lengthBytes: 5, atByte: 0, because: "start-block" },
    { kind: "payload", payload: Buffer.from("second"), atByte: 6 },
  ]);
});

test("places count from the first byte of the connection, whatever the chunks are", () => {
  const decoder = new FrameDecoder();
  decoder.push(Buffer.from("\x0bone\x1c\r"));
  expect(decoder.push(Buffer.from("?"))).toEqual([{ kind: "outside", lengthBytes: 1, atByte: 6 }]);
  expect(decoder.push(Buffer.from("\x0btwo"))).toEqual([]);
  expect(decoder.end()).toMatchObject([{ kind: "unfinished", atByte: 7, lengthBytes: 3 }]);
});

test("a stream that ends inside a frame reports it with its place", () => {
  expect(decode([Buffer.from("xy\x0bhalf")])).toEqual([
    { kind: "outside", lengthBytes: 2, atByte: 0 },
    { kind: "unfinished", head: Buffer.from("half"), lengthBytes: 4, atByte: 2, because: "end-of-stream" },
  ]);
});

test.each([1, 2, 3, 7, 100])(
  "in chunks of %i bytes: the limit itself passes, one byte more is refused",
  (chunkBytes) => {
    const chunksOf = (bytes: Buffer) =>
      Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, index) =>
        bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes),
      );
    const most = Buffer.alloc(64, "m");
    const more = Buffer.alloc(65, "o");
    expect(payloadsOf(decode(chunksOf(frame(most)), 64))).toEqual([most]);
    const found = decode(chunksOf(Buffer.concat([frame(more), frame(most)])), 64);
    expect(found.map(({ kind }) => kind)).toEqual(["too-large", "payload"]);
    expect(found[0]).toMatchObject({ limitBytes: 64, atByte: 0 });
  },
);

test("what is kept of a refused frame is its head, not the whole", () => {
  const [found] = decode([frame(Buffer.alloc(100_000, "x"))], 50_000);
  expect(found?.kind === "too-large" && found.head.length).toBe(4096);
});

test("a payload handed out is not changed by what comes after it", () => {
  const decoder = new FrameDecoder();
  const [first, second] = [frame(Buffer.alloc(3000, "a")), frame(Buffer.alloc(3000, "b"))];
  const found = [decoder.push(first.subarray(0, 1000)), decoder.push(first.subarray(1000))].flat();
  decoder.push(second.subarray(0, 1000));
  decoder.push(second.subarray(1000));
  expect(payloadsOf(found)[0]?.equals(Buffer.alloc(3000, "a"))).toBe(true);
});

test("start blocks with nothing behind them are bytes outside a frame, however many, and told once", () => {
  const found = decode([Buffer.concat([Buffer.alloc(60_000, 0x0b), Buffer.from("x\x1c\r")])]);
  expect(found).toEqual([
    { kind: "outside", lengthBytes: 59_999, atByte: 0 },
    { kind: "payload", payload: Buffer.from("x"), atByte: 59_999 },
  ]);
});

test("an empty frame is an empty payload", () => {
  expect(payloadsOf(decode([Buffer.from("\x0b\x1c\r")]))).toEqual([Buffer.alloc(0)]);
});
