import { createCipheriv } from "node:crypto";
import { expect, test } from "vitest";
import { readOwnMessage } from "../../src/commands/source.ts";
import { frame } from "../../src/mllp/frame.ts";
import { cluesOf, found } from "../e2e/wire/clues.ts";
import { recordsOf, versionOf } from "../e2e/wire/tls.ts";

const own = await readOwnMessage("eai");
const { message, patient } = cluesOf(own);
const clues = [...message, ...patient];

const record = (type: number, version: number, body: Uint8Array, length = body.length) =>
  Buffer.concat([Buffer.from([type, version >> 8, version & 255, length >> 8, length & 255]), body]);

/** A hello of a server: version, random, a session ID of 32 bytes, suite, compression, extensions. */
const serverHello = (version: string, extensions: string) => {
  const bytes = `${version}${"ab".repeat(32)}20${"cd".repeat(32)}130200${extensions}`;
  return record(22, 0x0303, Buffer.from(`020000${(bytes.length / 2).toString(16)}${bytes}`, "hex"));
};
const clientHello = (version: number) => record(22, version, Buffer.from([1, 0, 0, 0]));
const data = record(23, 0x0303, own.payload);

test("the version is the one that the server chose, not the one that its records bear", () => {
  const keyShare = "00330002001d";
  expect(versionOf(recordsOf(serverHello("0303", `000c${keyShare}002b00020304`)))).toBe(0x0304);
  expect(versionOf(recordsOf(serverHello("0303", `0006${keyShare}`)))).toBe(0x0303);
  expect(versionOf(recordsOf(serverHello("0303", "")))).toBe(0x0303);
  expect(versionOf(recordsOf(serverHello("0302", "")))).toBe(0x0302);
  // further messages of the handshake in the same record are no part of the hello
  const hello = serverHello("0303", "").subarray(5);
  const certificate = Buffer.from("0b000008002b00020304", "hex");
  expect(versionOf(recordsOf(record(22, 0x0303, Buffer.concat([hello, certificate]))))).toBe(0x0303);
  expect(() => versionOf(recordsOf(clientHello(0x0301)))).toThrow("no hello of a server");
  expect(() => versionOf([])).toThrow("no hello of a server");
});

test("a direction is records from its first byte to its last", () => {
  const alert = record(21, 0x0303, Buffer.from([1, 0]));
  const types = recordsOf(Buffer.concat([clientHello(0x0301), data, alert])).map(({ type }) => type);
  expect(types).toEqual([22, 23, 21]);
});

test.each<[string, Buffer]>([
  ["plain text", frame(own.payload)],
  ["plain text behind records", Buffer.concat([clientHello(0x0303), data, frame(own.payload)])],
  ["a record that is cut", Buffer.concat([clientHello(0x0303), data.subarray(0, -1)])],
  ["a header that is cut", Buffer.concat([clientHello(0x0303), data.subarray(0, 4)])],
  ["an empty record", Buffer.concat([clientHello(0x0303), record(23, 0x0303, Buffer.alloc(0))])],
  ["a record that is too long", Buffer.concat([clientHello(0x0303), record(23, 0x0303, Buffer.alloc(16641))])],
  ["no hello", data],
  ["TLS 1.1", Buffer.concat([clientHello(0x0303), record(23, 0x0302, own.payload)])],
  ["a server of TLS 1.0", record(22, 0x0301, serverHello("0301", "").subarray(5))],
  ["a client of SSL 3", clientHello(0x0300)],
  ["another type", Buffer.concat([clientHello(0x0303), record(24, 0x0303, own.payload)])],
])("%s is an error", (_, stream) => {
  expect(() => recordsOf(stream)).toThrow(/^no TLS record at byte \d+ of \d+: /);
});

test("a message in what only looks like a record is found all the same", () => {
  expect(recordsOf(Buffer.concat([clientHello(0x0303), record(23, 0x0303, frame(own.payload))]))).toHaveLength(2);
  expect(found(clues, record(23, 0x0303, frame(own.payload)))).toEqual(clues);
});

test("random bytes hold no clue", () => {
  const random = createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(16 * 2 ** 20));
  expect(found(clues, random)).toEqual([]);
});
