import fc from "fast-check";

/** A change to bytes, which may be a message no longer. */
export type Mutation = (bytes: Buffer) => Buffer;

const latin1 = (text: string) => Buffer.from(text, "latin1");

/** A place in bytes of any length; half of them near the start, where the header is. */
const place = fc.oneof(fc.nat(150), fc.nat(1_000_000));
const within = (at: number, bytes: Buffer) => at % (bytes.length + 1);

function spliced(bytes: Buffer, at: number, removed: number, inserted: Uint8Array): Buffer {
  const from = within(at, bytes);
  return Buffer.concat([bytes.subarray(0, from), inserted, bytes.subarray(from + removed)]);
}

function flipped(bytes: Buffer, at: number, bit: number): Buffer {
  const changed = Buffer.from(bytes);
  const index = within(at, bytes);
  if (index < bytes.length) changed[index] = (changed[index] ?? 0) ^ (1 << bit);
  return changed;
}

function ofSegments(change: (segments: string[], at: number) => string[]): fc.Arbitrary<Mutation> {
  return fc.nat(20).map((at) => (bytes: Buffer) => {
    const segments = bytes.toString("latin1").split("\r");
    return latin1(change(segments, at % segments.length).join("\r"));
  });
}

function withField(bytes: Buffer, number: number, change: (value: string) => string): Buffer {
  const [header = "", ...rest] = bytes.toString("latin1").split("\r");
  const fields = header.split("|");
  while (fields.length < number) fields.push("");
  fields[number - 1] = change(fields[number - 1] ?? "");
  return latin1([fields.join("|"), ...rest].join("\r"));
}

const odd = ["\x00", "\x1c", "\x0b", "\xff", "\n", " ", "~", "^", "\\", "&", "\xa0"];
const values = ["", '""', "X", "AL", "NE", "T", "2.6", "MDM^T01", "ADT^A01", "9".repeat(300), ...odd];

const fields: fc.Arbitrary<Mutation> = fc.oneof(
  // what a message cannot be accepted without, and what decides how it is acknowledged
  fc.tuple(fc.constantFrom(1, 2, 3, 4, 5, 6, 9, 11, 12, 15, 16, 17, 18, 19), fc.constantFrom(...values)).map(
    ([number, value]) =>
      (bytes: Buffer) =>
        withField(bytes, number, () => value),
  ),
  // a control ID keeps what makes it one of its own, or is gone
  fc
    .constantFrom(...odd, "empty")
    .map((value) => (bytes: Buffer) => withField(bytes, 10, (id) => (value === "empty" ? "" : id + value))),
);

const delimiters: fc.Arbitrary<Mutation> = fc
  .tuple(
    fc.constantFrom("|", "^", "~", "&", "^~\\&"),
    fc.constantFrom("#", "!", "", "\x1c", "\x00", "a", "é", "|", "\t"),
  )
  .map(
    ([from, to]) =>
      (bytes: Buffer) =>
        latin1(bytes.toString("latin1").replaceAll(from, to)),
  );

const ends: fc.Arbitrary<Mutation> = fc
  .constantFrom("\n", "\r\n", "", "\r\r", "\x1c")
  .map((end) => (bytes: Buffer) => latin1(bytes.toString("latin1").replaceAll("\r", end)));

const encodings: fc.Arbitrary<Mutation> = fc.constantFrom<Mutation>(
  (bytes: Buffer) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
  (bytes: Buffer) => Buffer.from(bytes.toString("latin1"), "utf16le"),
  (bytes: Buffer) => Buffer.from(`\ufeff${bytes.toString("latin1")}`, "utf16le"),
  (bytes: Buffer) => Buffer.from(bytes.toString("latin1"), "utf8"),
  (bytes: Buffer) => bytes.subarray(0, -1),
  (bytes: Buffer) => Buffer.concat([bytes, bytes]),
);

/** One change of any kind. */
export const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(place, fc.nat(7)).map(
    ([at, bit]) =>
      (bytes: Buffer) =>
        flipped(bytes, at, bit),
  ),
  fc.tuple(place, fc.nat(200)).map(
    ([at, removed]) =>
      (bytes: Buffer) =>
        spliced(bytes, at, removed, Buffer.alloc(0)),
  ),
  fc.tuple(place, fc.uint8Array({ maxLength: 20 })).map(
    ([at, more]) =>
      (bytes: Buffer) =>
        spliced(bytes, at, 0, more),
  ),
  fc.tuple(place, fc.constantFrom(...odd)).map(
    ([at, more]) =>
      (bytes: Buffer) =>
        spliced(bytes, at, 0, latin1(more)),
  ),
  place.map((at) => (bytes: Buffer) => bytes.subarray(0, within(at, bytes))),
  ofSegments((segments, at) => segments.toSpliced(at, 1)),
  ofSegments((segments, at) => segments.toSpliced(at, 0, segments[at] ?? "")),
  { weight: 4, arbitrary: fields },
  delimiters,
  ends,
  encodings,
);
