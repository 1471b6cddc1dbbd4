import { framesIn } from "./model.ts";

/** An acknowledgment as it came back. */
export interface Came {
  code: string;
  controlId: string;
  /** ERR-3, the condition of table 0357; empty where there is no ERR segment. */
  condition: string;
  /** Its frame, to the byte. */
  frame: Buffer;
}

/** Reads what a listener sent back, which has to be whole acknowledgments, frame behind frame, and nothing else. */
export function acknowledgmentsIn(received: Buffer, cut: boolean): Came[] | { fault: string } {
  const frames = framesIn(received, Number.MAX_SAFE_INTEGER, false);
  const came: Came[] = [];
  let at = 0;
  for (const { bytes } of frames) {
    const frame = received.subarray(at, at + bytes.length + 3);
    at += frame.length;
    const [msh = "", msa = "", err = "", ...more] = bytes.toString("latin1").split("\r");
    const by = msh.charAt(3);
    const [name, code = "", controlId = "", ...beyond] = msa.split(by);
    const [errName = "", , , condition = ""] = err.split(by);
    const end = errName === "ERR" ? more.shift() : err;
    const sound =
      msh.startsWith("MSH") && msh.split(by)[8]?.startsWith("ACK") && name === "MSA" && beyond.join("") === "";
    if (!sound || end !== "" || more.length > 0) return { fault: `no acknowledgment: ${shown(bytes)}` };
    came.push({ code, controlId, condition: condition.slice(0, 3), frame });
  }
  const rest = received.subarray(at);
  // where a connection was cut, so may be what was on its way
  if (rest.length > 0 && !(cut && rest[0] === 0x0b)) return { fault: `bytes outside a frame: ${shown(rest)}` };
  return came;
}

/** Returns bytes as a person can read them, shortened. */
export function shown(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("latin1");
  const printable = text.replace(/[^\x20-\x7e]/g, (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return printable.length <= 400 ? printable : `${printable.slice(0, 280)} … ${printable.slice(-100)}`;
}
