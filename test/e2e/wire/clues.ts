import type { Message } from "../../../src/hl7/message.ts";
import { frame } from "../../../src/mllp/frame.ts";

/** The start block with text behind it: so much of it that megabytes of random bytes hold none (1 in 10^16 a byte). */
const STARTED_TEXT = new RegExp(`${frame(Buffer.alloc(0)).toString("latin1", 0, 1)}[ -~]{32}`);
const STARTED_TEXT_NAME = "a start block with text behind it";

/** What gives a message away, of itself and of its patient. */
interface Clues {
  message: string[];
  patient: string[];
}

/** Returns the clues of a message: how it begins, and from its PID the identifiers, names and date of birth. */
export function cluesOf(message: Message): Clues {
  const { field, component, repetition } = message.delimiters;
  const segments = message.segments();
  // MSH with the separators behind it: the three letters alone stand in any 16 MB of random bytes
  const header = `MSH${field}${message.field(2)}${field}`;
  const pid = segments.find((segment) => segment.startsWith(`PID${field}`))?.split(field) ?? [];
  const repetitions = (number: number) => (pid[number] ?? "").split(repetition).map((one) => one.split(component));
  const identifiers = repetitions(3).map(([identifier = ""]) => identifier);
  const names = repetitions(5).flatMap((name) => name.slice(0, 3));
  return { message: [header, STARTED_TEXT_NAME], patient: [...identifiers, ...names, pid[7] ?? ""] };
}

/** Returns which of the clues bytes hold. */
export function found(clues: string[], bytes: Buffer): string[] {
  const text = bytes.toString("latin1");
  return clues.filter((clue) => (clue === STARTED_TEXT_NAME ? STARTED_TEXT.test(text) : text.includes(clue)));
}
