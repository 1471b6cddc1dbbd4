const MAX_LOGGED = 60;

/** Returns a field of a foreign message so that it can neither break a log line nor fill it. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, MAX_LOGGED);
}

/** Returns foreign text so that it cannot act on a terminal: control characters are written out, letters stay. */
export function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
