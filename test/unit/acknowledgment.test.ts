import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { site as dpi } from "../../dpi/site.ts";
import { site as eai } from "../../eai/site.ts";
import { readOwnMessage } from "../../src/commands/source.ts";
import { isAccepted, readAcknowledgment } from "../../src/hl7/acknowledgment.ts";
import { judge } from "../../src/hl7/judge.ts";
import { Message } from "../../src/hl7/message.ts";
import { writeAcknowledgment } from "../../src/hl7/write-acknowledgment.ts";

const mdm = await readOwnMessage("eai");
const adt = await readOwnMessage("dpi");
const segmentsOf = (payload: Buffer) => Message.read(payload).segments();
const withoutOwn = (payload: Buffer) => segmentsOf(Message.read(payload).withHeader({ 7: "", 10: "" }).payload);

test("AA swaps the applications, echoes what it must and has a control ID of its own", () => {
  expect(withoutOwn(writeAcknowledgment(eai, adt))).toEqual([
    "MSH|^~\\&|EAI|CHU_X|DPI|CHU_X|||ACK^A01^ACK||T|2.5^FRA^2.11|||||FRA|UNICODE UTF-8",
    "MSA|AA|ADT20260115083000001",
  ]);
  expect(withoutOwn(writeAcknowledgment(dpi, mdm))).toEqual([
    "MSH|^~\\&|DPI|CHU_X|EAI|CHU_X|||ACK^T02^ACK||T|2.6|||||FRA|UNICODE UTF-8",
    "MSA|AA|MDM20260115093000001",
  ]);
  const own = Message.read(writeAcknowledgment(eai, adt));
  expect(own.controlId).toMatch(/^ACK\w{17}$/);
  expect(own.field(7)).toMatch(/^\d{14}$/);
});

test("a refusal carries an ERR segment with place, condition and words, escaped", () => {
  const refusal = { code: "AR", condition: 203, location: "MSH^1^12", text: 'version "3|0 é"' } as const;
  expect(withoutOwn(writeAcknowledgment(eai, adt, "AR", refusal)).slice(1)).toEqual([
    "MSA|AR|ADT20260115083000001",
    'ERR||MSH^1^12|203^Unsupported version id^messageErrorCondition|E||||version "3\\F\\0 ?"',
  ]);
});

test("a payload without a header is answered in the site's own name", () => {
  const answer = writeAcknowledgment(dpi, undefined, "AE", {
    code: "AE",
    condition: 100,
    location: "MSH^1",
    text: "no",
  });
  expect(withoutOwn(answer)[0]).toBe("MSH|^~\\&|DPI|CHU_X|||||ACK||T|2.5||||||UNICODE UTF-8");
  expect(segmentsOf(answer)[1]).toBe("MSA|AE|");
});

test("delimiters of the message are those of its acknowledgment", () => {
  const odd = Message.read(Buffer.from("MSH#*!/%#A#B#C#D#1##MDM*T02*MDM_T02#ID1#T#2.6\r"));
  const [header, msa] = segmentsOf(writeAcknowledgment(dpi, odd));
  expect(header).toMatch(/^MSH#\*!\/%#C#D#A#B#\d{14}##ACK\*T02\*ACK#/);
  expect(msa).toBe("MSA#AA#ID1");
});

test("what a site says of itself shifts no field, whatever the message separates them with", () => {
  for (const field of ["_", ".", "-"]) {
    const [header = "", msa] = segmentsOf(writeAcknowledgment(dpi, Message.read(Buffer.from(`MSH${field}^~\\&\r`))));
    expect(header.split(field)).toHaveLength(18);
    expect(msa).toBe(["MSA", "AA", ""].join(field));
  }
});

test.each([
  ["AA", "MSH|^~\\&|X|Y|Z|W|1||ACK^A01^ACK_A01|ACK|T|2.5\rMSA|AA|ID1\r"],
  ["AA", "MSH|^~\\&|||||||ACK||P|2.3\rMSA|AA|ID1"],
  ["CA", "MSH|^~\\&|||||||ACK|1|P|2.3\rMSA|CA|ID1|thanks\r"],
])("an acknowledgment as real engines write it is read: %s", (code, text) => {
  expect(readAcknowledgment(Buffer.from(text))).toMatchObject({ code, controlId: "ID1" });
});

test("what ERR segments say is read in both their shapes", () => {
  const text =
    "MSH|^~\\&|||||||ACK|1|P|2.5\rMSA|AE|ID1|not so\rERR||PID^1^3|207^Application error|E|902^Unknown patient|||unknown\rERR|MSH^1^9\r";
  expect(readAcknowledgment(Buffer.from(text)).details).toEqual([
    "not so",
    "PID^1^3 207^Application error 902^Unknown patient unknown",
    "MSH^1^9",
  ]);
});

test.each(["hello", "MSH|^~\\&|||||||ACK|1|P|2.5\r", "MSH|^~\\&|||||||ACK|1\rMSA|OK|ID1\r", "MSH|^~\\&|A\rMSA\r"])(
  "%j is no acknowledgment",
  (text) => {
    expect(() => readAcknowledgment(Buffer.from(text))).toThrow(
      expect.objectContaining({ code: "malformed-acknowledgment" }),
    );
  },
);

test("a site takes its own messages", () => {
  expect([judge(mdm, { ...dpi, finalCr: "required" }), judge(adt, { ...eai, finalCr: "required" })]).toEqual([
    undefined,
    undefined,
  ]);
});

const without = (name: string) =>
  Message.read(
    Buffer.from(
      `${mdm
        .segments()
        .filter((one) => !one.startsWith(name))
        .join("\r")}\r`,
      "latin1",
    ),
  );

test.each([
  ["no control ID", mdm.withHeader({ 10: "" }), "AE", 101, "MSH^1^10"],
  ["no type", mdm.withHeader({ 9: "" }), "AE", 101, "MSH^1^9"],
  ["a header cut short", Message.read(Buffer.from("MSH|^~\\&|EAI|CHU_X|DPI")), "AE", 101, "MSH^1^9"],
  ["no processing id", mdm.withHeader({ 11: "" }), "AE", 101, "MSH^1^11"],
  ["no version", mdm.withHeader({ 12: "" }), "AE", 101, "MSH^1^12"],
  ["another version", mdm.withHeader({ 12: "3.0" }), "AR", 203, "MSH^1^12"],
  ["an unknown processing id", mdm.withHeader({ 11: "X" }), "AR", 202, "MSH^1^11"],
  ["UTF-16", mdm.withHeader({ 18: "UNICODE UTF-16" }), "AE", 103, "MSH^1^18"],
  ["another type", mdm.withHeader({ 9: "ORU^R01" }), "AR", 200, "MSH^1^9"],
  ["another event", mdm.withHeader({ 9: "MDM^T01" }), "AR", 201, "MSH^1^9"],
  ["a missing segment", without("TXA"), "AE", 100, "TXA^1"],
  ["two messages in one", Message.read(Buffer.concat([mdm.payload, mdm.payload])), "AE", 100, "MSH^2"],
  ["a last segment of no name, cut", Message.read(Buffer.concat([mdm.payload, Buffer.from("a|b")])), "AE", 100, ""],
  ["bytes that are no UTF-8", Message.read(Buffer.from(mdm.payload.toString(), "latin1")), "AE", 102, "OBR^1^4"],
  ["line feeds", Message.read(readFileSync("eai/message.hl7")), "AE", 100, "EVN^1"],
])("refused: %s", (_, message, code, condition, location) => {
  expect(judge(message, { ...dpi, finalCr: "required" })).toMatchObject({ code, condition, location });
});

test.each([{ 11: "D" }, { 11: "P" }, { 12: "2.3.1" }, { 12: "2.5^FRA^2.11" }, { 18: "8859/15" }, { 18: "" }])(
  "taken: %j",
  (header) => {
    expect(judge(mdm.withHeader(header), { ...dpi, finalCr: "required" })).toBeUndefined();
  },
);

test("AA and CA are acceptance, and nothing else is", () => {
  const codes = ["AA", "AE", "AR", "CA", "CE", "CR"] as const;
  expect(codes.filter((code) => isAccepted({ code }))).toEqual(["AA", "CA"]);
});

test("an acknowledgment never declares a set that it is not written in, nor delimiters that are not there", () => {
  const utf16 = Message.read(writeAcknowledgment(dpi, mdm.withHeader({ 18: "UNICODE UTF-16" })));
  expect(utf16.field(18)).toBe("UNICODE UTF-8");
  const short = Message.read(
    writeAcknowledgment(dpi, Message.read(Buffer.from("MSH|^|A|B|C|D|1||MDM^T02|ID1|T|2.6\r"))),
  );
  expect([short.field(2), short.controlId.length]).toEqual(["^~\\&", 20]);
});

test("a message whose last segment has no CR may be a cut one, and is refused unless that is forgiven", () => {
  const cut = Message.read(mdm.payload.subarray(0, -30));
  expect(judge(cut, { ...dpi, finalCr: "required" })).toMatchObject({ code: "AE", condition: 100, location: "OBX^1" });
  expect(judge(cut, { ...dpi, finalCr: "optional" })).toBeUndefined();
});

test("an acknowledgment whose segments end with LF or CRLF is read all the same", () => {
  for (const end of ["\n", "\r\n"]) {
    const text = ["MSH|^~\\&|||||||ACK|1|P|2.5", "MSA|AA|ID1", ""].join(end);
    expect(readAcknowledgment(Buffer.from(text))).toMatchObject({ code: "AA", controlId: "ID1" });
  }
});

test("the words of a refusal are read in their character set, and cannot act on a terminal", () => {
  const text = "MSH|^~\\&|||||||ACK|1|P|2.5\rMSA|AE|ID1|refusé \u001b[2K\u0007\r";
  expect(readAcknowledgment(Buffer.from(text)).details).toEqual(["refusé \\x1b[2K\\x07"]);
});

test("MSA-2 is read with the separator that the message itself declares", () => {
  const odd = Message.read(Buffer.from("MSH#^#A#B#C#D#1##MDM^T02#A|B#T#2.6\r"));
  expect(readAcknowledgment(writeAcknowledgment(dpi, odd)).controlId).toBe("A|B");
});

test("line feeds are named as what they are", () => {
  expect(judge(Message.read(readFileSync("eai/message.hl7")), { ...dpi, finalCr: "required" })?.text).toContain("LF");
});
