import { expect, test } from "vitest";
import { FrameDecoder } from "../../src/mllp/frame-decoder.ts";
import { CountedBytes } from "./counted-bytes.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

const repeated = (pattern: string) => (sizeBytes: number) => Buffer.alloc(sizeBytes, pattern, "latin1");
const inFrame = (pattern: string) => (sizeBytes: number) => {
  const stream = Buffer.alloc(sizeBytes + 3, pattern, "latin1");
  stream[0] = 0x0b;
  stream.write("\x1c\r", sizeBytes + 1);
  return stream;
};

/** How a stream arrives: the first chunk ends at `from`, each other one is `chunkBytes` long. */
interface Shape {
  chunkBytes: number;
  from?: number;
  max?: number;
}

/** Returns what came out of a stream, and what that took for each of its bytes. */
function decode(stream: Buffer, { chunkBytes, from = chunkBytes, max }: Shape) {
  const decoder = new FrameDecoder(max);
  let payloadBytes = 0;
  using counted = new CountedBytes();
  for (let start = 0, end = from; start < stream.length; start = end, end += chunkBytes)
    for (const one of decoder.push(stream.subarray(start, end)))
      if (one.kind === "payload") payloadBytes += one.payload.length;
  return { payloadBytes, each: counted.perByteOf(stream) };
}

const behindJunk = (sizeBytes: number) =>
  Buffer.concat([Buffer.alloc(sizeBytes / 2, "x"), repeated("\x0bx\x1c\r")(sizeBytes / 2)]);

const whole = (sizeBytes: number) => sizeBytes;
const none = () => 0;
const ofFour = (sizeBytes: number) => sizeBytes / 4;

// a call takes longer to count than many bytes: where each byte costs one, fewer of them show what is not linear
// (FRAME_BYTES=16777216 vitest run --project unit frame-cost --testTimeout 0)
test.each([
  ["a large payload", inFrame("x"), 4 * MIB, { chunkBytes: 64 * KIB, payloadBytes: whole }],
  ["0x1C in odd chunks", inFrame("\x1c"), 512 * KIB, { chunkBytes: 997, payloadBytes: whole }],
  ["a payload byte by byte", inFrame("x"), 4 * KIB, { chunkBytes: 1, payloadBytes: whole }],
  ["0x1C byte by byte", inFrame("\x1c"), 4 * KIB, { chunkBytes: 1, payloadBytes: whole }],
  ["a payload over the limit", inFrame("x"), 2 * MIB, { chunkBytes: 64 * KIB, payloadBytes: none, max: 64 * KIB }],
  ["bytes outside of frames", repeated("\x1c\r\n"), 2 * MIB, { chunkBytes: 64 * KIB, payloadBytes: none }],
  ["nothing but start blocks", repeated("\x0b"), 8 * KIB, { chunkBytes: 64 * KIB, payloadBytes: none }],
  ["frames that never end", repeated("\x0bx"), 8 * KIB, { chunkBytes: 64 * KIB, payloadBytes: none }],
  ["the same, byte by byte", repeated("\x0bx"), 4 * KIB, { chunkBytes: 1, payloadBytes: none }],
  ["tiny frames", repeated("\x0bx\x1c\r"), 8 * KIB, { chunkBytes: 64 * KIB, payloadBytes: ofFour }],
  ["tiny frames behind junk", behindJunk, 8 * KIB, { chunkBytes: 64 * KIB, payloadBytes: (bytes) => bytes / 8 }],
  ["tiny frames byte by byte", repeated("\x0bx\x1c\r"), 4 * KIB, { chunkBytes: 1, payloadBytes: ofFour }],
  ["end blocks cut in two", repeated("\x0bx\x1c\r"), 4 * KIB, { chunkBytes: 4, from: 3, payloadBytes: ofFour }],
])("%s: each byte is searched, copied and given room a few times, however many there are", (_, make, usual, shape) => {
  const sizeBytes = Number(process.env.FRAME_BYTES ?? usual);
  const { payloadBytes, each } = decode(make(sizeBytes), shape);
  expect(payloadBytes).toBe(shape.payloadBytes(sizeBytes));
  expect(each.searched).toBeGreaterThan(0.9);
  expect(each.searched).toBeLessThan(3);
  expect(each.copied).toBeLessThan(3);
  expect(each.allocated).toBeLessThan(4);
  expect(each.calls).toBeLessThan(5);
});
