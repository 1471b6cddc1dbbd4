import { readFileSync } from "node:fs";
import fc from "fast-check";

/** What makes the control IDs of one stretch of a run its own. */
export interface Names {
  controlId(key: number): string;
}

/** Bytes to be sent; the control IDs in them are given when they are. */
export type Input = (names: Names) => Buffer;

/** The limit of a payload that the listener under test is given. */
export const MAX_PAYLOAD_BYTES = 256 * 1024;

const own = readFileSync(new URL("../../eai/message.hl7", import.meta.url), "latin1")
  .trim()
  .split("\n")
  .slice(1);
// its documents in base64 are most of it, and say nothing to a listener
const short = own.map((segment) => segment.replace(/[\w+/=]{100,}/g, (document) => document.slice(0, 40)));
const needed = short.filter((segment) => /^(EVN|PID|PV1|TXA)/.test(segment)).concat("OBX|1|TX|1||short||||||F");

/** What stands behind the header of a message that DPI takes. */
const BODIES = [
  short,
  needed,
  [...needed, "NTE|1||a line feed\nand a separator \x1c, which a field may hold"],
  [...needed, "ZZZ|\xe9\xe8\xff\x80\x00|~^&\\"],
  own,
];

interface Parts {
  key: number;
  sender: string;
  accept: string;
  application: string;
  charset: string;
  body: number;
  fillerBytes: number;
}

function messageOf({ key, sender, accept, application, charset, body, fillerBytes }: Parts, names: Names): Buffer {
  const to = [sender, "CHU_X", "DPI", "CHU_X", "20260115093000", "", "MDM^T02^MDM_T02", names.controlId(key)];
  const header = ["MSH", "^~\\&", ...to, "T", "2.6", "", "", accept, application, "FRA", charset, "", "", "1.1^CISIS"];
  const filler = fillerBytes > 0 ? [`NTE|1||${"f".repeat(fillerBytes)}`] : [];
  const segments = [header.join("|"), ...(BODIES[body] ?? needed), ...filler];
  return Buffer.from(segments.map((segment) => `${segment}\r`).join(""), "latin1");
}

const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

/** Messages that DPI takes, but for some whose MSH-15, 16 or 18 it does not know; few keys come again, most are new. */
export const message: fc.Arbitrary<Input> = fc
  .record({
    key: fc.oneof({ weight: 4, arbitrary: fc.nat(999_999) }, { weight: 1, arbitrary: fc.nat(3) }),
    sender: mostly("EAI", "LAB", ""),
    accept: mostly("", "AL", "NE", "ER", "SU", "AA", "al"),
    application: mostly("", "AL", "NE", "ER", "SU", "XX", " "),
    charset: mostly("UNICODE UTF-8", "", "ASCII", "8859/1", "8859/15~8859/1", "UNICODE UTF-16", "GB 18030-2000"),
    body: mostly(1, 0, 2, 3, 4),
    fillerBytes: mostly(0, 100, 2000, 5000),
  })
  .map((parts) => (names) => messageOf(parts, names));

const plain = { sender: "EAI", accept: "", application: "", charset: "UNICODE UTF-8", body: 1, fillerBytes: 0 };

/** Messages of a dozen that keep their bytes, so that they come again from another connection and in another batch. */
export const known: fc.Arbitrary<Input> = fc.nat(11).map((key) => {
  const mode = ["", "AL", "SU", "NE"][key % 4] ?? "";
  return (names) => messageOf({ ...plain, key: 1_000_000 + key, application: mode, body: key % 4 }, names);
});

/** A message that has to be accepted, whatever came before it. */
export const good = (names: Names): Buffer => messageOf({ ...plain, key: 2_000_000 }, names);

/** Messages around the limit, to the byte, and around the sizes at which buffers grow. */
export const large: fc.Arbitrary<Input> = fc
  .tuple(fc.nat(999_999), mostly(MAX_PAYLOAD_BYTES, 65_536, 131_072), fc.integer({ min: -3, max: 3 }))
  .map(([key, sizeBytes, more]) => (names) => {
    const small = messageOf({ ...plain, key, fillerBytes: 1 }, names).length;
    return messageOf({ ...plain, key, fillerBytes: sizeBytes + more - small + 1 }, names);
  });
