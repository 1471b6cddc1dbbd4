import { readOwnMessage } from "../../src/commands/source.ts";
import { frame } from "../../src/mllp/frame.ts";

const own = await readOwnMessage("eai");
const MIB = 1024 * 1024;

/** The text of EAI's message under a control ID, with other fields of its header where they are given. */
const textOf = (controlId: string, header: Record<number, string> = {}) =>
  own.withHeader({ ...header, 10: controlId }).payload.toString();
const framed = (text: string, encoding: BufferEncoding = "utf8") => frame(Buffer.from(text, encoding));
const unframed = (text: string) => Buffer.from(text);

const [textA, textB] = [textOf("A"), textOf("B")];
const [a, b] = [framed(textA), framed(textB)];

/** A message that asks for acknowledgments by MSH-15 and MSH-16; without its last byte, a CR, it is refused. */
export const asking = (accept: string, application: string, controlId = "A", lengthBytes?: number) =>
  framed(textOf(controlId, { 15: accept, 16: application }).slice(0, lengthBytes));

/** The start of a frame, up to and without what is given. */
const until = (bytes: Buffer, what: string) => bytes.subarray(0, bytes.indexOf(what));
const lines = (text: string, lineEnd: string) => text.replaceAll("\r", lineEnd);
const large = `${textA}NTE|1||${"x".repeat(20 * MIB)}\r`;

/** The named cases of docs/hl7-mllp.md: what is sent on one connection, each piece in a packet of its own. */
export const NAMED_CASES: Record<string, Buffer[]> = {
  "one frame": [a],
  "two frames in one packet": [Buffer.concat([a, b])],
  "end block cut in two, the next frame behind it": [a.subarray(0, -1), Buffer.concat([a.subarray(-1), b])],
  "CR LF between frames": [a, unframed("\r\n"), b],
  "end block without its CR": [a.subarray(0, -1), b],
  "start block inside a frame": [until(a, "EVN|"), b],
  "start block inside MSH-10": [until(a, "A|T|2.6"), Buffer.concat([unframed("\x0b"), b.subarray(1)])],
  "frame that is never finished": [until(a, "EVN|")],
  "empty frame": [framed("")],
  "20 MB, a message behind it": [framed(large), b],
  "text that is not HL7": [framed("GET / HTTP/1.1\r\n\r\n")],
  "text that is not HL7, in no frame": [unframed("GET / HTTP/1.1\r\n\r\n")],
  "no MSH": [framed(textA.slice(textA.indexOf("EVN|")))],
  "MSH cut short": [framed("MSH|^~\\&|EAI|CHU_X|DPI|CHU_X|20260115093000\r")],
  "MSH-10 empty": [framed(textOf(""))],
  "processing ID of another table": [framed(textOf("A", { 11: "X" }))],
  "version that is not 2.x": [framed(textOf("A", { 12: "3.0" }))],
  "type that is not taken": [framed(textOf("A", { 9: "ORU^R01" }))],
  "event that is not taken": [framed(textOf("A", { 9: "MDM^T01" }))],
  "segment missing": [framed(textA.replace(/TXA.*?\r/, ""))],
  "two messages in one frame": [framed(textA + textB)],
  "`#` as field separator": [framed(textA.replaceAll("|", "#"))],
  "Latin-1 bytes, UNICODE UTF-8 declared": [framed(textA, "latin1")],
  "Latin-1 bytes, nothing declared": [framed(textA.replace("UNICODE UTF-8", ""), "latin1")],
  "Latin-1 bytes, 8859/1 declared": [framed(textA.replace("UNICODE UTF-8", "8859/1"), "latin1")],
  "character set that is not known": [framed(textOf("A", { 18: "UNICODE UTF-16" }))],
  "LF for CR": [framed(lines(textA, "\n"))],
  "CR LF for CR": [framed(lines(textA, "\r\n"))],
  "last segment without its CR": [framed(textA.slice(0, -1))],
  "byte-order mark": [framed(`\ufeff${textA}`)],
  "UTF-16": [framed(`\ufeff${textA}`, "utf16le")],
  // the letter is 0B 01 in UTF-16
  "UTF-16 with a byte 0B": [framed(`\ufeff${textA.replace("DOMINIQUE", "\u010b")}`, "utf16le")],
  "batch that begins with FHS": [framed(`FHS|^~\\&|EAI\rBHS|^~\\&|EAI\r${textA}BTS|1\rFTS|1\r`)],
  "batch that begins with BHS": [framed(`BHS|^~\\&|EAI\r${textA}${textB}BTS|2\r`)],
  "message again": [a, a],
  "another message under the MSH-10 of one accepted": [a, framed(textOf("A", { 7: "20260115093001" }))],
  "message mended under the MSH-10 of one refused": [framed(textA, "latin1"), a],
  "MSH-15 AL, MSH-16 NE": [asking("AL", "NE")],
  "MSH-15 NE, MSH-16 NE": [asking("NE", "NE")],
  "MSH-15 of another table": [asking("YES", "")],
};
