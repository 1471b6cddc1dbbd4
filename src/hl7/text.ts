import type { Message } from "./message.ts";

const MAX_LOGGED = 60;

const PRINTABLE = /^[\x20-\x7e]*$/;

/** Returns text with a question mark for every character that is not printable ASCII. */
export function ascii(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}

/** Returns a field of a foreign message so that it can neither break a log line nor fill it. */
export function printable(text: string): string {
  return text.length <= MAX_LOGGED && PRINTABLE.test(text) ? text : ascii(text).slice(0, MAX_LOGGED);
}

/** Returns foreign text so that it cannot act on a terminal: control characters are written out, letters stay. */
export function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

type Named = Pick<Message, "type" | "controlId">;

/** Returns what a log line says of a message: its type and its control ID, nothing of its content. */
export function factsOf(message: Named | undefined): Named {
  return { type: printable(message?.type ?? ""), controlId: printable(message?.controlId ?? "") };
}

/** Returns a message as sentences name it, by the same two facts. */
export function nameOf(message: Named): string {
  const { type, controlId } = factsOf(message);
  return `${type || "(no type)"} ${controlId || "(no control ID)"}`;
}
