import { ALERTS } from "./alerts.ts";
import { ASIDES } from "./asides.ts";
import type { Entry, Meaning } from "./entry.ts";
import { HANDSHAKE } from "./handshake.ts";
import { START } from "./start.ts";
import { TRANSPORT } from "./transport.ts";
import { VERIFIER } from "./verifier.ts";

export type { Cause, Meaning } from "./entry.ts";

/** Every entry, the most telling first. */
export const DICTIONARY: readonly Entry[] = [...VERIFIER, ...ALERTS, ...HANDSHAKE, ...START, ...TRANSPORT, ...ASIDES];

/** Says what a line of Stunnel, OpenSSL, Node or this project's logs means, the most telling first; [] if unknown. */
export function meaningsOf(line: string): Meaning[] {
  const text = messageIn(line);
  return DICTIONARY.flatMap(({ words, ...entry }) => {
    const said = words.exec(text)?.[0].trim();
    return said === undefined ? [] : [{ said, ...entry }];
  });
}

/** Returns the message of a JSON line, whose other fields may hold anything, and every other line as it is. */
function messageIn(line: string): string {
  const from = line.indexOf("{");
  if (from < 0) return line;
  try {
    const { msg } = JSON.parse(line.slice(from)) as { msg?: unknown };
    return typeof msg === "string" ? msg : line;
  } catch {
    return line;
  }
}
