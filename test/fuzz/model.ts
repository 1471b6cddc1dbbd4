/**
 * What a listener owes a stream of bytes, said a second time and as simply as can be: this file imports nothing of src,
 * and looks at every byte. The site is DPI, with all of its settings but the limit of a payload left as they are.
 */

/** What stood between a start block and its end; `broken` where that is another start block, the end, or too far away. */
export interface Frame {
  bytes: Buffer;
  broken: boolean;
}

/** Returns the frames of a stream in which no further byte follows, or may follow. */
export function framesIn(stream: Buffer, maxPayloadBytes: number, ended: boolean): Frame[] {
  const frames: Frame[] = [];
  let begin = -1;
  for (let at = 0; at < stream.length; at += 1) {
    const byte = stream[at];
    if (byte === 0x0b) {
      if (begin !== -1 && at > begin) frames.push({ bytes: stream.subarray(begin, at), broken: true });
      begin = at + 1;
    } else if (byte === 0x0d && begin !== -1 && at > begin && stream[at - 1] === 0x1c) {
      const bytes = stream.subarray(begin, at - 1);
      frames.push({ bytes, broken: bytes.length > maxPayloadBytes });
      begin = -1;
    }
  }
  const rest = begin === -1 ? stream.subarray(0, 0) : stream.subarray(begin);
  if (rest.length > (ended ? 0 : maxPayloadBytes + 1)) frames.push({ bytes: rest, broken: true });
  return frames;
}

/** What a frame says of itself. */
export interface Reading {
  /** Whether it is a whole message with a control ID that the site takes, and may be accepted. */
  whole: boolean;
  /** MSH-10 as it has to come back in MSA-2. */
  controlId: string;
  /** By what a repeat is known: control ID and sender. */
  claim: string;
  /** MSH-15 and MSH-16, the accept and the application acknowledgment; both undefined in original mode. */
  accept?: string;
  application?: string;
}

export type Outcome = "accepted" | "refused";

const CHARSETS: Record<string, "UTF-8" | "any bytes"> = {
  "": "UTF-8",
  ASCII: "UTF-8",
  "UNICODE UTF-8": "UTF-8",
  ...Object.fromEntries([1, 2, 5, 7, 9, 15].map((part) => [`8859/${part}`, "any bytes"])),
};
const MODES = ["", "AL", "NE", "ER", "SU"];
/** How much of a broken frame is looked at. */
const HEAD_BYTES = 4096;

/** Reads a frame as the listener has to. */
export function readingOf({ bytes, broken }: Frame): Reading {
  const text = bytes.toString("latin1", 0, broken ? HEAD_BYTES : bytes.length);
  const nothing = { whole: false, controlId: "", claim: "" };
  if (!/^MSH[!-~]/.test(text) || /^MSH[A-Za-z0-9]/.test(text)) return nothing;
  const header = (text.split(/[\r\n]/)[0] ?? "").split(text.charAt(3));
  const field = (number: number) => header[number - 1] ?? "";
  const part = (number: number, index: number, by: string) =>
    (by === "" ? [field(number)] : field(number).split(by))[index] ?? "";
  const [component, repetition] = [field(2).charAt(0), field(2).charAt(1)];

  const modes = { accept: field(15), application: field(16) };
  const modesKnown = MODES.includes(modes.accept) && MODES.includes(modes.application);
  const enhanced = !(broken && header.length < 17) && modesKnown && modes.accept + modes.application !== "";
  // of a cut header only what is seen to end is a control ID, or a wish
  const controlId = broken && header.length < 11 ? "" : field(10);
  const named = { controlId, claim: [controlId, field(3), field(4)].join("\r"), ...(enhanced ? modes : {}) };
  if (broken) return { ...named, whole: false };

  const charset = part(18, 0, repetition);
  const segments = text.split("\r").map((segment) => segment.slice(0, 3));
  const whole =
    [9, 10, 11, 12].every((number) => field(number) !== "") &&
    modesKnown &&
    Object.hasOwn(CHARSETS, charset) &&
    (CHARSETS[charset] === "any bytes" || isUtf8(bytes)) &&
    ["P", "T", "D"].includes(part(11, 0, component)) &&
    /^2(\.[1-9](\.[0-9])?)?$/.test(part(12, 0, component)) &&
    part(9, 0, component) === "MDM" &&
    part(9, 1, component) === "T02" &&
    segments.lastIndexOf("MSH") === 0 &&
    ["EVN", "PID", "PV1", "TXA", "OBX"].every((name) => segments.includes(name)) &&
    text.endsWith("\r");
  return { ...named, whole };
}

/** Returns the acknowledgments that are due, each as the codes of which it bears one. */
export function codesDue({ accept, application }: Reading, outcome: Outcome): string[][] {
  const original = accept === undefined;
  const wanted = (mode: string | undefined) => mode === "AL" || mode === (outcome === "accepted" ? "SU" : "ER");
  if (outcome === "accepted") {
    if (original) return [["AA"]];
    return [...(wanted(accept) ? [["CA"]] : []), ...(wanted(application) ? [["AA"]] : [])];
  }
  if (original) return [["AE", "AR"]];
  if (wanted(accept)) return [["CE", "CR"]];
  return wanted(application) ? [["AE", "AR"]] : [];
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
