import { SafeTunnelError } from "../errors.ts";
import { decodeText, isKnownCharset } from "./charset.ts";

const CARRIAGE_RETURN = 0x0d;
/** Up to this size it costs less to read a message whole than to look for its segments one by one. */
const SHORT_BYTES = 16 * 1024;

/** The separators that MSH-1 and MSH-2 declare. */
export interface Delimiters {
  field: string;
  component: string;
  repetition: string;
  escapeCharacter: string;
  subcomponent: string;
}

/**
 * An HL7 v2 message over its payload. Only MSH is read, since nothing else is needed to carry and answer a message;
 * fields are held one character a byte (latin1), so that what is copied from them stays the same bytes.
 */
export class Message {
  readonly payload: Buffer;
  readonly delimiters: Delimiters;
  readonly #header: string[];
  readonly #headerBytes: number;
  #type: string | undefined;

  private constructor(payload: Buffer, header: string) {
    this.payload = payload;
    this.#headerBytes = header.length;
    const field = header.charAt(3);
    this.#header = header.split(field);
    const [component = "", repetition = "", escapeCharacter = "", subcomponent = ""] = this.#header[1] ?? "";
    this.delimiters = { field, component, repetition, escapeCharacter, subcomponent };
  }

  /** Reads the header of a payload. Throws `no-header` where it does not begin with MSH and its delimiters. */
  static read(payload: Buffer): Message {
    const header = headerOf(payload);
    // MSH-1 is a displayable character (HL7 v2.6 §2.5.4), and no letter or digit
    if (!/^MSH[!-/:-@[-`{-~]/.test(header))
      throw new SafeTunnelError("no-header", insteadOfHeader(payload), {
        hint: "a message begins with MSH and its delimiters, with nothing before them, not even a byte-order mark",
      });
    return new Message(payload, header);
  }

  /** Returns an MSH field by its HL7 number (MSH-1 is the separator itself), empty where it is absent. */
  field(number: number): string {
    return (number === 1 ? this.delimiters.field : this.#header[number - 1]) ?? "";
  }

  /** Whether the header reaches an MSH field, be it empty. */
  hasField(number: number): boolean {
    return this.#header.length >= number;
  }

  /** Returns a component of an MSH field, both by their HL7 numbers. */
  component(number: number, component: number): string {
    const { component: separator } = this.delimiters;
    const parts = separator === "" ? [this.field(number)] : this.field(number).split(separator);
    return parts[component - 1] ?? "";
  }

  /** MSH-10, the message control ID. */
  get controlId(): string {
    return this.field(10);
  }

  /** The message code and trigger event of MSH-9, written MDM^T02 whatever the delimiters are. */
  get type(): string {
    if (this.#type === undefined) {
      const [code, event] = [this.component(9, 1), this.component(9, 2)];
      this.#type = event === "" ? code : `${code}^${event}`;
    }
    return this.#type;
  }

  /** The first repetition of MSH-18, the character set. */
  get charset(): string {
    const { repetition } = this.delimiters;
    return (repetition === "" ? this.field(18) : this.field(18).split(repetition)[0]) ?? "";
  }

  /** Returns every segment, the terminators taken off, one character a byte. */
  segments(): string[] {
    return split(this.payload.toString("latin1"));
  }

  /** Returns the name of every segment, without reading what stands behind it. */
  segmentNames(): string[] {
    const { payload } = this;
    const names: string[] = [];
    if (payload.length <= SHORT_BYTES) for (const segment of this.segments()) names.push(segment.substring(0, 3));
    else
      for (let at = 0, end = 0; at < payload.length; at = end + 1) {
        end = payload.indexOf(CARRIAGE_RETURN, at);
        if (end === -1) end = payload.length;
        names.push(payload.toString("latin1", at, Math.min(at + 3, end)));
      }
    return names;
  }

  /** Returns every segment as text to be read by a person; a set that cannot be read is shown byte by byte. */
  text(): string[] {
    return split(decodeText(this.payload, isKnownCharset(this.charset) ? this.charset : "8859/1"));
  }

  /** Returns the message with some MSH fields replaced; every byte outside of them stays as it is. */
  withHeader(fields: Record<number, string>): Message {
    const header = [...this.#header];
    for (const [number, value] of Object.entries(fields)) {
      while (header.length < Number(number)) header.push("");
      header[Number(number) - 1] = value;
    }
    const stamped = Buffer.from(header.join(this.delimiters.field), "latin1");
    return Message.read(Buffer.concat([stamped, this.payload.subarray(this.#headerBytes)]));
  }
}

/**
 * Returns a message kept on disk with one segment a line as the payload HL7 wants: a CR behind each segment.
 * One that has CR between its segments already is left as it is, since a LF in it is part of a field.
 */
export function payloadOfLines(bytes: Buffer): Buffer {
  const text = bytes.toString("latin1");
  if (/\r(?!\n|$)/.test(text)) return bytes;
  return Buffer.from(`${text.replace(/\r?\n/g, "\r").replace(/\r+$/, "")}\r`, "latin1");
}

function headerOf(payload: Buffer): string {
  // a header that ends with LF is still read, so that its sender can be told under its control ID
  const end = payload.indexOf(CARRIAGE_RETURN);
  const line = payload.toString("latin1", 0, end === -1 ? payload.length : end);
  const feed = line.indexOf("\n");
  return feed === -1 ? line : line.slice(0, feed);
}

/** Says what stands where MSH should; of what may be a patient's data, that is no more than the name of a segment. */
function insteadOfHeader(payload: Buffer): string {
  if (payload.length === 0) return "the payload is empty: a message begins with MSH";
  const head = payload.toString("latin1", 0, 32);
  if (/^(\xff\xfe|\xfe\xff)?\0*[MFB]\0/.test(head))
    return "UTF-16 or UTF-32, which MLLP cannot carry: send UNICODE UTF-8";
  if (head.startsWith("\xef\xbb\xbf")) return "a byte-order mark (EF BB BF) before MSH: send the message without it";
  if (/^\s+MSH/.test(head)) return "white space before MSH: MSH has to be the first bytes";
  if (head.startsWith("MSH")) return "no field separator (MSH-1) behind MSH";
  const [, segment] = /^([A-Z][A-Z0-9]{2})[!-/:-@[-`{-~]/.exec(head) ?? [];
  const isBatch = segment === "FHS" || segment === "BHS";
  if (isBatch) return `a batch (${segment}), which is not taken: send each message in a frame of its own`;
  if (segment) return `begins with segment ${segment}: MSH has to come first`;
  return `no MSH segment at the start of ${payload.length} bytes`;
}

function split(text: string): string[] {
  const segments = text.split("\r");
  if (segments.at(-1) === "") segments.pop();
  return segments;
}
