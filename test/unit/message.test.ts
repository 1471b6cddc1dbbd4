import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { readOwnMessage, stamp } from "../../src/commands/source.ts";
import { newControlId, timestamp } from "../../src/hl7/control-id.ts";
import { Message, payloadOfLines } from "../../src/hl7/message.ts";

const mdm = await readOwnMessage("eai");
const adt = await readOwnMessage("dpi");
const read = (text: string, encoding: BufferEncoding = "utf8") => Message.read(Buffer.from(text, encoding));

test("the sites' messages are the samples: type, version, size and segments", () => {
  expect([mdm.type, mdm.field(12), mdm.payload.length]).toEqual(["MDM^T02", "2.6", 9040]);
  expect([adt.type, adt.field(12), adt.payload.length]).toEqual(["ADT^A01", "2.5^FRA^2.11", 1143]);
  expect(
    mdm
      .segments()
      .map((segment) => segment.slice(0, 3))
      .slice(0, 8),
  ).toEqual(["MSH", "EVN", "PID", "PV1", "ORC", "OBR", "TXA", "OBX"]);
});

test("a stamp changes MSH-7 and MSH-10 and no other byte", () => {
  const stamped = stamp(adt);
  expect(stamped.field(10)).not.toBe(adt.field(10));
  expect(stamped.withHeader({ 7: adt.field(7), 10: adt.field(10) }).payload.equals(adt.payload)).toBe(true);
});

test("bytes that are no UTF-8 survive a stamp", () => {
  const latin = read("MSH|^~\\&|A|B|C|D|1||ADT^A01|X|T|2.5||||||8859/15\rPID|1||||R\xe9ault \xa4\r", "latin1");
  const stamped = stamp(latin);
  expect(stamped.payload.includes(Buffer.from("R\xe9ault \xa4", "latin1"))).toBe(true);
  expect(stamped.text()[1]).toBe("PID|1||||Réault €");
});

test("delimiters come from MSH-1 and MSH-2", () => {
  const odd = read("MSH#*!/%#A#B#C#D#1##MDM*T02*MDM_T02#ID1#T#2.6\r");
  expect([odd.type, odd.controlId, odd.component(9, 3)]).toEqual(["MDM^T02", "ID1", "MDM_T02"]);
});

test.each(["", "PID|1", "MSH", "MSHabc", "\ufeffMSH|^~\\&|", "\rMSH|^~\\&|"])("%j has no header", (text) => {
  expect(() => read(text)).toThrow(expect.objectContaining({ code: "no-header" }));
});

test("a header that stops short is read as far as it goes", () => {
  expect([read("MSH|^~\\&|EAI").controlId, read("MSH|").type]).toEqual(["", ""]);
});

test("a set that is not known is shown byte by byte, not refused to the reader", () => {
  expect(read("MSH|^~\\&|A|B|C|D|1||ADT^A01|X|T|2.5||||||KLINGON\rPID|\xe9\r", "latin1").text()[1]).toBe("PID|é");
});

test("lines become segments with CR, whatever ends them", () => {
  for (const text of ["A\nB\n", "A\r\nB\r\n", "A\rB\r", "A\nB", "A\nB\n\n"])
    expect(payloadOfLines(Buffer.from(text)).toString()).toBe("A\rB\r");
});

test("a file that has CR already keeps the line feeds inside its fields", () => {
  for (const text of ["A|x\ny\rB\r", "A|x\r\ny\rB", "A|\n\rB|\n"])
    expect(payloadOfLines(Buffer.from(text)).toString()).toBe(text);
});

test("any fields written into a header are read again as they were", () => {
  const value = fc.string({ maxLength: 30 }).map((text) => text.replace(/[^\x20-\x7b]/g, "x"));
  fc.assert(
    fc.property(value, fc.integer({ min: 3, max: 25 }), (text, number) => {
      const changed = mdm.withHeader({ [number]: text });
      expect(changed.field(number)).toBe(text);
      expect(changed.segments().slice(1)).toEqual(mdm.segments().slice(1));
    }),
  );
});

test("control IDs have 20 characters, which is the most in v2.5, and none comes twice", () => {
  const ids = Array.from({ length: 5000 }, () => newControlId("MDM", 1_800_000_000_000));
  expect(new Set(ids).size).toBe(5000);
  expect(ids.every((id) => /^MDM[0-9A-Z]{17}$/.test(id))).toBe(true);
  expect(newControlId("")).toMatch(/^XXX[0-9A-Z]{17}$/);
});

test("control IDs of another moment and of another process differ in more than their counter", async () => {
  const body = (id: string) => id.slice(3, -4);
  expect(body(newControlId("MDM", 1))).not.toBe(body(newControlId("MDM", 2)));
  vi.resetModules();
  const other = await import("../../src/hl7/control-id.ts");
  expect(body(other.newControlId("MDM", 1))).not.toBe(body(newControlId("MDM", 1)));
});

test("MSH-7 is local time to the second, without a zone", () => {
  expect(timestamp(new Date(2026, 0, 5, 9, 3, 7).getTime())).toBe("20260105090307");
});
