import { visible } from "../hl7/text.ts";
import { print } from "../terminal.ts";

/** Prints segments for a person: one a line, and what is long cut to the width of a screen. */
export function printSegments(segments: string[], full = false): void {
  const most = 160;
  for (const segment of segments.map(visible)) {
    const rest = segment.length - most;
    print(`  ${full || rest <= 0 ? segment : `${segment.slice(0, most)}… (${rest} more characters)`}`);
  }
}

/** Returns bytes that the store handed out as a Buffer over the same memory. */
export const bufferOver = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);
