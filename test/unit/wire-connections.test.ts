import fc from "fast-check";
import { expect, test } from "vitest";
import { connectionsOf } from "../e2e/wire/connections.ts";
import { packetsOf, type Segment } from "../e2e/wire/packets.ts";

const segment = (more: Partial<Segment>): Segment => ({
  source: "10.0.0.1:40000",
  target: "10.0.0.2:32100",
  sourcePort: 40000,
  targetPort: 32100,
  sequence: 0,
  acknowledges: 0,
  syn: false,
  ack: true,
  fin: false,
  rst: false,
  bytes: Buffer.alloc(0),
  ...more,
});
const BACK = { source: "10.0.0.2:32100", target: "10.0.0.1:40000", sourcePort: 32100, targetPort: 40000 };
const opening = (sequence: number) => [
  segment({ sequence, syn: true, ack: false }),
  segment({ ...BACK, sequence: 7, acknowledges: (sequence + 1) >>> 0, syn: true }),
];

test("bytes cut anywhere, out of order, some twice, wherever the numbers wrap, come out as they went in", () => {
  const numbers = fc.integer({ min: 0, max: 0xffffffff });
  const pieces = fc.array(fc.tuple(fc.nat(200), fc.nat(60), fc.nat()), { maxLength: 20 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), numbers, pieces, (sent, start, again) => {
      const piece = (from: number, to: number) =>
        segment({ sequence: (start + 1 + from) >>> 0, bytes: Buffer.from(sent.subarray(from, to)) });
      const halves = [piece(sent.length >> 1, sent.length), piece(0, sent.length >> 1)];
      const repeated = again.map(([from, length]) => piece(Math.min(from, sent.length), from + length));
      const fin = segment({ sequence: (start + 1 + sent.length) >>> 0, fin: true });
      const [connection] = connectionsOf([...opening(start), fin, ...repeated, ...halves]);
      expect(connection).toEqual({
        port: 32100,
        asked: Buffer.from(sent),
        answered: Buffer.alloc(0),
        ended: false,
      });
    }),
  );
});

test("what both say is kept apart, and both have to end, or one to cut", () => {
  const bytes = [
    segment({ sequence: 1, bytes: Buffer.from("asked") }),
    segment({ ...BACK, sequence: 8, bytes: Buffer.from("answered") }),
  ];
  const ends = [segment({ sequence: 6, fin: true }), segment({ ...BACK, sequence: 16, fin: true })];
  const read = (...more: Segment[]) => connectionsOf([...opening(0), ...bytes, ...more]);
  const both = { port: 32100, asked: Buffer.from("asked"), answered: Buffer.from("answered") };
  expect(read()).toEqual([{ ...both, ended: false }]);
  expect(read(...ends.slice(1))).toEqual([{ ...both, ended: false }]);
  expect(read(...ends)).toEqual([{ ...both, ended: true }]);
  expect(read(segment({ rst: true }))).toEqual([{ ...both, ended: true }]);
});

test("a port that is used again is another connection", () => {
  const [first, second] = [
    segment({ sequence: 1, bytes: Buffer.from("1") }),
    segment({ sequence: 901, bytes: Buffer.from("2") }),
  ];
  const read = connectionsOf([...opening(0), first, ...opening(900), second]);
  expect(read.map(({ asked }) => asked.toString())).toEqual(["1", "2"]);
});

test("bytes that are missing are an error: at the beginning, between, at the end, of all that came before", () => {
  const read = (...segments: Segment[]) => connectionsOf(segments);
  const syn = opening(0);
  expect(() => read(...syn, segment({ sequence: 2, bytes: Buffer.from("b") }))).toThrow("1 bytes are missing after 0");
  const apart = [1, 4].map((sequence) => segment({ sequence, bytes: Buffer.from("a") }));
  expect(() => read(...syn, ...apart)).toThrow("2 bytes are missing after 1");
  expect(() => read(...syn, segment({ sequence: 3, fin: true }))).toThrow("0 bytes, and the end was said to be at 2");
  expect(() => read(...apart)).toThrow("1 bytes of a connection that was not seen to begin");
  // one that only ends had nothing more to say
  expect(read(segment({ fin: true }))).toEqual([]);
});

const word = (value: number) => Buffer.from(Uint32Array.of(value).buffer);
const pcap = (...packets: Buffer[]) => Buffer.concat([word(0xa1b2c3d4), Buffer.alloc(16), word(276), ...packets]);
const packet = (bytes: Buffer, originalBytes = bytes.length) =>
  Buffer.concat([Buffer.alloc(8), word(bytes.length), word(originalBytes), bytes]);

test("a packet on an interface is read with its addresses and without what pads it", () => {
  const link = (type: string, device: string) =>
    Buffer.from(`${type}000000000001${device}0006000000000000${"00".repeat(2)}`, "hex");
  const tcp = Buffer.from("7d6480e80000000a0000000b5019ffff00000000", "hex");
  const four = Buffer.from("45000029000040004006000a0a0000020a000001", "hex");
  const [network, loopback] = [link("0800", "0001"), link("86dd", "0304")];
  const six = Buffer.from(`600000000015${"0640"}${"00".repeat(15)}01${"00".repeat(15)}02`, "hex");
  const end = Buffer.from("!");
  const read = packetsOf(
    pcap(
      packet(Buffer.concat([network, four, tcp, end, Buffer.alloc(5)])),
      packet(Buffer.concat([loopback, six, tcp, end])),
    ),
  );
  const said = {
    sourcePort: 32100,
    targetPort: 33000,
    sequence: 10,
    acknowledges: 11,
    ack: true,
    fin: true,
    bytes: end,
  };
  expect(read).toMatchObject([
    { onLoopback: false, source: "10.0.0.2", target: "10.0.0.1", segment: { ...said, source: "10.0.0.2:32100" } },
    { onLoopback: true, segment: said },
  ]);
});

test("a packet that is still being written waits, one that was cut is an error, and so is another format", () => {
  const whole = packet(Buffer.alloc(30));
  expect(packetsOf(Buffer.alloc(0))).toEqual([]);
  expect(packetsOf(pcap(whole, whole.subarray(0, 20)))).toHaveLength(1);
  expect(packetsOf(pcap(whole, whole.subarray(0, 10)))).toHaveLength(1);
  expect(() => packetsOf(pcap(packet(Buffer.alloc(30), 31)))).toThrow("a packet of 31 bytes was cut to 30");
  expect(() => packetsOf(Buffer.alloc(24))).toThrow("no pcap");
});
