import fc from "fast-check";
import { type Input, known, large, message, type Names } from "./messages.ts";
import { mutation } from "./mutations.ts";

/**
 * How a connection ends: its half closed; reset; its half closed after a silence for as long as the others of its batch
 * take; or not by us at all.
 */
export type Ending = "fin" | "reset" | "silence" | "never";

/** What is sent on one connection, in the pieces in which it is written. */
export interface Connection {
  chunks: Buffer[];
  ending: Ending;
}

/** What is sent at the same time; `inputs` counts the messages, noises and whatever else went into it. */
export interface Plan {
  connections: Connection[];
  inputs: number;
}

/** A plan whose control IDs are not given yet. */
export type Draft = (names: Names) => Plan;

const START_BLOCK = Buffer.from([0x0b]);
const END_BLOCK = Buffer.from([0x1c, 0x0d]);
const framed =
  (payload: Input): Input =>
  (names) =>
    Buffer.concat([START_BLOCK, payload(names), END_BLOCK]);

const mutated = fc.tuple(message, fc.array(mutation, { minLength: 1, maxLength: 4 })).map(
  ([payload, changes]): Input =>
    (names) =>
      changes.reduce((bytes, change) => change(bytes), payload(names)),
);

const brokenFrame = fc.tuple(message, mutation).map(
  ([payload, change]): Input =>
    (names) =>
      change(framed(payload)(names)),
);

const constant = (bytes: Uint8Array | string): Input => {
  const fixed = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : Buffer.from(bytes);
  return () => fixed;
};

const noise = fc.constantFrom(
  // the start of a TLS ClientHello, which is what comes when a tunnel is missing
  "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03abcdefghijklmnopqrstuvwxyz012345\x20\x0b\x0c\x0d\x0e\x13\x02\x00\xff",
  "GET / HTTP/1.1\r\nHost: dpi\r\n\r\n",
  "PROXY TCP4 198.51.100.1 198.51.100.2 1 2\r\n",
  // MLLP Release 2: commit acknowledgment, negative one
  "\x0b\x06\x1c\r",
  "\x0b\x15\x1c\r",
  "\x06\r\x15\r",
  "\x0b",
  "\x1c\r",
  "\x0b\x1c",
  "\x0b\x1c\r",
  "\r\n\r\n",
);

const storm = fc
  .array(fc.constantFrom("\x0b", "\x1c", "\r", "\x1c\r", "x", "\x0b\x1c\r"), { maxLength: 120 })
  .map((bytes) => constant(bytes.join("")));

const batch = fc.array(message, { maxLength: 3 }).map(
  (messages): Input =>
    (names) => {
      const inside = messages.map((one) => one(names));
      return Buffer.concat([Buffer.from("FHS|^~\\&|EAI\rBHS|^~\\&|EAI\r"), ...inside, Buffer.from("BTS|1\rFTS|1\r")]);
    },
);

const input: fc.Arbitrary<Input> = fc.oneof(
  { weight: 20, arbitrary: message.map(framed) },
  { weight: 20, arbitrary: mutated.map(framed) },
  { weight: 6, arbitrary: known.map(framed) },
  { weight: 5, arbitrary: brokenFrame },
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 300 }).map(constant) },
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 300 }).map(constant).map(framed) },
  { weight: 3, arbitrary: noise.map(constant) },
  { weight: 2, arbitrary: storm },
  { weight: 2, arbitrary: batch.map(framed) },
  { weight: 1, arbitrary: large.map(framed) },
);

/** An input, or one that was sent before in the same batch once more, to the byte. */
const step = fc.oneof(
  { weight: 8, arbitrary: input },
  { weight: 1, arbitrary: fc.nat(40).map((again) => ({ again })) },
);

type Cuts = (stream: Buffer) => number[];
const MAX_CHUNKS = 400;
const cuts: fc.Arbitrary<Cuts> = fc.oneof(
  fc.constant<Cuts>(() => []),
  fc.array(fc.nat(), { maxLength: 12 }).map(
    (places): Cuts =>
      (stream) =>
        places.map((at) => at % (stream.length + 1)),
  ),
  // between the two bytes of an end block, and behind every block
  fc.constant<Cuts>((stream) => [...stream.keys()].filter((at) => [0x0b, 0x1c, 0x0d].includes(stream[at - 1] ?? 0))),
  fc.constant<Cuts>((stream) => [...stream.subarray(0, MAX_CHUNKS).keys()]),
);

function chunksOf(stream: Buffer, places: number[]): Buffer[] {
  const sorted = [...new Set(places)].sort((a, b) => a - b).slice(0, MAX_CHUNKS);
  const chunks = [0, ...sorted].map((place, index) => stream.subarray(place, sorted[index] ?? stream.length));
  return chunks.filter((chunk) => chunk.length > 0);
}

const connection = fc.record({
  steps: fc.array(step, { maxLength: 8 }),
  cuts,
  ending: fc.oneof(
    { weight: 6, arbitrary: fc.constant<Ending>("fin") },
    { weight: 2, arbitrary: fc.constant<Ending>("silence") },
    { weight: 1, arbitrary: fc.constant<Ending>("reset") },
  ),
});

/** What is sent to the listener at once, on one to six connections. */
export const draft: fc.Arbitrary<Draft> = fc
  .array(connection, { minLength: 1, maxLength: 6 })
  .map((connections) => (names) => {
    const sent: Buffer[] = [];
    const bytesOf = (one: Input | { again: number }) => {
      const bytes =
        typeof one === "function" ? one(names) : (sent[one.again % Math.max(1, sent.length)] ?? START_BLOCK);
      sent.push(bytes);
      return bytes;
    };
    const planned = connections.map(({ steps, cuts, ending }) => {
      const stream = Buffer.concat(steps.map(bytesOf));
      return { chunks: chunksOf(stream, cuts(stream)), ending };
    });
    return { connections: planned, inputs: sent.length };
  });
