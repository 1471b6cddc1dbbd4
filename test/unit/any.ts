import fc from "fast-check";

/**
 * How often a property is tried: few times with the suite, more where there is time for it
 * (FC_RUNS=100000 vitest run --project unit any-bytes inverses --testTimeout 0).
 */
export const runs = (usual: number) => ({ numRuns: Number(process.env.FC_RUNS ?? usual) });

const START_BLOCK = 0x0b;
const latin1 = (text: string) => Buffer.from(text, "latin1");

/** Any bytes at all, those that MLLP and HL7 give a meaning far more often than chance would have them. */
export const anyBytes = (maxLength: number) =>
  fc
    .array(
      fc.oneof(
        { arbitrary: fc.constantFrom(START_BLOCK, 0x1c, 0x0d, 0x0a), weight: 2 },
        { arbitrary: fc.integer({ min: 0, max: 255 }), weight: 3 },
      ),
      { maxLength },
    )
    .map((bytes) => Buffer.from(bytes));

/** Any bytes without a start block, which alone can begin a frame. */
export const anyJunk = (maxLength: number) =>
  fc.oneof(
    fc.constantFrom("\r\n", "\x1c", "\r", "\x1c\r", "\n", "GET / HTTP/1.1\r\n\r\n").map(latin1),
    anyBytes(maxLength).map((bytes) => latin1(bytes.toString("latin1").replaceAll("\x0b", "\x1c"))),
  );

/** Any bytes that a frame can carry: no start block and no end block, a lone 0x1C wherever it falls. */
export const anyPayload = (maxLength: number) =>
  anyJunk(maxLength).map((bytes) => latin1(bytes.toString("latin1").replaceAll("\x1c\r", "\x1c.")));

/** Any places to cut so many bytes at. */
export const anyCuts = fc.array(fc.nat(), { maxLength: 8 });

/** Returns bytes cut at places, each counted from the start and taken around where it lies behind the end. */
export function cut(bytes: Buffer, cuts: number[]): Buffer[] {
  const places = [...new Set(cuts.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((place, index) => bytes.subarray(place, places[index] ?? bytes.length));
}
