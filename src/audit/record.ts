import { hash } from "node:crypto";

/** What kind of event a record is of, by the codes of DICOM PS3.15 A.5 that IHE ATNA uses (event ID, event type). */
export const KINDS = {
  start: { eventId: "110100", eventTypeId: "110120", event: "Application Start", action: "E" },
  stop: { eventId: "110100", eventTypeId: "110121", event: "Application Stop", action: "E" },
  attach: { eventId: "110108", eventTypeId: "110124", event: "Attach", action: "E" },
  detach: { eventId: "110108", eventTypeId: "110125", event: "Detach", action: "E" },
  authentication: { eventId: "110113", eventTypeId: "110126", event: "Node Authentication", action: "E" },
  configuration: { eventId: "110113", eventTypeId: "110129", event: "Security Configuration", action: "E" },
  recording: { eventId: "110113", eventTypeId: "110134", event: "Audit Recording Started", action: "E" },
  import: { eventId: "110107", event: "Import", action: "C" },
  export: { eventId: "110106", event: "Export", action: "R" },
} as const;

export type Kind = keyof typeof KINDS;

/** How an event ended, as the standard counts it: well, badly but it is tried again, badly, and not possible at all. */
export const OUTCOME = { success: 0, minor: 4, serious: 8, major: 12 } as const;

export type Outcome = (typeof OUTCOME)[keyof typeof OUTCOME];

/** What happened. */
export interface AuditEvent {
  kind: Kind;
  outcome: Outcome;
  atMs: number;
  /** What is known of it, as `told` writes it. */
  facts: string;
}

/** Writes facts as members of a JSON object; what is undefined is left out. */
export function told(facts: Record<string, string | number | boolean | undefined>): string {
  // a character is a byte, so that a line that was damaged harms no other one
  return JSON.stringify(facts).slice(1, -1).replace(NOT_ASCII, escaped);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the bytes of ASCII
const NOT_ASCII = /[^\x00-\x7f]/g;

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Where a chain has come to: the number of the last record, and its hash. */
export interface ChainEnd {
  sequence: number;
  hash: string;
}

/** What stands in the place of a record before the first one. */
export const NO_RECORD: ChainEnd = { sequence: 0, hash: "0".repeat(64) };

const PREPARED = Object.fromEntries(
  Object.entries(KINDS).map(([kind, words]) => [kind, JSON.stringify(words).slice(1, -1)]),
) as Record<Kind, string>;

/** Writes an event as the record behind another: a line of JSON that holds the hash of that one, and its own at the end. */
export function recordOf(event: AuditEvent, site: string, before: ChainEnd): ChainEnd & { line: string } {
  const { kind, outcome, atMs, facts } = event;
  const sequence = before.sequence + 1;
  const words = `"site":"${site}",${PREPARED[kind]},"outcome":${outcome}${facts && ","}${facts}`;
  const body = `{"sequence":${sequence},"time":"${timeOf(atMs)}",${words},"previous":"${before.hash}"`;
  const own = hash("sha256", body, "hex");
  return { sequence, hash: own, line: `${body},"hash":"${own}"}\n` };
}

let lastMs = Number.NaN;
let lastTime = "";

/** Under load many records have the same millisecond. */
function timeOf(atMs: number): string {
  if (atMs !== lastMs) [lastMs, lastTime] = [atMs, new Date(atMs).toISOString()];
  return lastTime;
}

/** A record as it was read, with whether its content is what its own hash was made of. */
export interface ReadRecord extends ChainEnd {
  previous: string;
  sound: boolean;
}

// what a message brings is written as JSON, so that no quote in it can end its text
const RECORD = /^(\{"sequence":(\d+),.*,"previous":"([0-9a-f]{64})"),"hash":"([0-9a-f]{64})"\}$/;

/** Reads a line of a trail, or returns undefined where it is no record. */
export function readRecord(line: string): ReadRecord | undefined {
  const [, body, sequence, previous = "", own = ""] = RECORD.exec(line) ?? [];
  if (body === undefined) return undefined;
  return { sequence: Number(sequence), previous, hash: own, sound: hash("sha256", body, "hex") === own };
}
