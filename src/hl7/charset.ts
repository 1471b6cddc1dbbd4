import { SafeTunnelError } from "../errors.ts";

/** HL7 table 0211: the sets that MLLP can carry, with the name that TextDecoder knows them by. */
const DECODERS: Record<string, string> = {
  "": "utf-8",
  ASCII: "utf-8",
  "UNICODE UTF-8": "utf-8",
  "8859/1": "iso-8859-1",
  "8859/2": "iso-8859-2",
  "8859/5": "iso-8859-5",
  "8859/7": "iso-8859-7",
  "8859/9": "windows-1254",
  "8859/15": "iso-8859-15",
};

/** Whether MSH-18 names a set that can be read; UTF-16 and UTF-32 cannot be carried by MLLP at all. */
export function isKnownCharset(charset: string): boolean {
  return Object.hasOwn(DECODERS, charset);
}

/** Whether the bytes have to be UTF-8, of which ASCII is a part, for the set that MSH-18 names. */
export function isReadAsUtf8(charset: string): boolean {
  return DECODERS[charset] === "utf-8";
}

/** Returns bytes as text, as MSH-18 says. Throws `unknown-charset`. */
export function decodeText(bytes: Uint8Array, charset: string): string {
  const label = DECODERS[charset];
  if (label === undefined)
    throw new SafeTunnelError("unknown-charset", `cannot read MSH-18 "${charset}" (HL7 table 0211)`, {
      hint: "send UNICODE UTF-8 or one of the 8859 sets",
    });
  return new TextDecoder(label, { ignoreBOM: true }).decode(bytes);
}
