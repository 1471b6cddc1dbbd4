import { expect, test } from "vitest";
import { frame } from "../../src/mllp/frame.ts";
import { FrameDecoder } from "../../src/mllp/frame-decoder.ts";

const payloads = Array.from({ length: 20 }, (_, nth) => Buffer.alloc(20_000 + 740 * nth, 97 + nth));
const stream = Buffer.concat(payloads.map(frame));

/** Reads a stream in chunks, and looks at each payload before the next chunk; returns payloads and the memory they lay in. */
function read(chunkBytes: number, reuses: boolean) {
  const decoder = new FrameDecoder(undefined, reuses);
  const memory = new Set<ArrayBufferLike>();
  const found: string[] = [];
  for (let at = 0; at < stream.length; at += chunkBytes) {
    const chunk = Buffer.from(new Uint8Array(stream.subarray(at, at + chunkBytes)).buffer);
    for (const received of decoder.push(chunk)) {
      if (received.kind !== "payload") throw new Error(received.kind);
      found.push(received.payload.toString());
      if (received.payload.buffer !== chunk.buffer) memory.add(received.payload.buffer);
    }
  }
  return { found, buffers: memory.size };
}

test.each([70, 8000, 20_003, 30_000, 80_000])(
  "in chunks of %i bytes each payload is whole until the next chunk",
  (chunkBytes) => {
    expect(read(chunkBytes, true).found).toEqual(payloads.map(String));
  },
);

test("buffers serve again, so that messages of one size take no more memory the more there are", () => {
  expect(read(7000, true).buffers).toBeLessThan(6);
  expect(read(7000, false).buffers).toBeGreaterThan(15);
});

test("without reuse a payload is its reader's for good", () => {
  const decoder = new FrameDecoder();
  const chunks = [stream.subarray(0, 30_000), stream.subarray(30_000, 80_000), stream.subarray(80_000)];
  const found = chunks.flatMap((chunk) => decoder.push(Buffer.from(chunk)));
  expect(found.map((one) => one.kind === "payload" && one.payload.toString())).toEqual(payloads.map(String));
});

test("what is given back is not needed any more, and a frame that has begun is kept", () => {
  const decoder = new FrameDecoder(undefined, true);
  decoder.push(stream.subarray(0, 500));
  decoder.release();
  const [whole] = decoder.push(stream.subarray(500, 20_003));
  expect(whole).toMatchObject({ kind: "payload", payload: payloads[0] });
  decoder.release();
  expect(decoder.push(stream.subarray(20_003)).length).toBe(19);
});
