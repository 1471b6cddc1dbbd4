/** A line of Stunnel's log: its own level (LOG3 error … LOG7 debug), connection and text. */
export interface TunnelLine {
  level: "error" | "warn" | "info" | "debug";
  connection: string;
  text: string;
}

const LEVELS = ["error", "error", "error", "error", "warn", "info", "debug", "debug"] as const;
const LOGGED = /^(?:[\d.]+ [\d:]+ )?LOG([0-7])\[([^\]]*)\]: (.*)$/;
/** Before its log is set up Stunnel marks a line with a sign instead of a level. */
const MARKS: Record<string, TunnelLine["level"]> = { "!": "error", ":": "warn", ".": "info", " ": "debug" };
const MARKED = /^\[([!:. ])\] (.*)$/;
/** Stunnel 5.74 logs this at LOG3 on every full handshake as a client; nothing is wrong. */
const HARMLESS = /^OCSP: No OCSP stapling response received/;
/** Stunnel logs these at LOG6, though nothing else says why it ended the connection of a peer that is silent. */
const WARNING = /: TIMEOUT(?:busy|idle) exceeded/;

/** Reads a line as Stunnel writes it to standard error. */
export function parseTunnelLine(line: string): TunnelLine {
  const [, level, connection = "", text = ""] = LOGGED.exec(line) ?? [];
  if (level !== undefined) return { level: levelOf(Number(level), text), connection, text };
  const [, mark = " ", rest = line] = MARKED.exec(line) ?? [];
  return { level: MARKS[mark] ?? "info", connection: "", text: rest };
}

function levelOf(level: number, text: string): TunnelLine["level"] {
  if (HARMLESS.test(text)) return "debug";
  if (WARNING.test(text)) return "warn";
  return LEVELS[level] ?? "info";
}

/** The first line of a connection: its service, and from where it came, as host:port. */
export const ACCEPTED = /^Service \[([^\]]*)\] accepted connection from (\S+)$/;
/** The last line of a connection, of whose two sides each was closed or reset: "reset", or "reset/closed". */
export const ENDED = /^Connection (?:closed|reset)(?:\/(?:closed|reset))?: /;
const OF_THIS_MACHINE = /^127\.0\.0\.1:\d+$/;

/** Tells the connections with which a site asks its own TLS port what it shows: their refusal is nobody's fault. */
export class OwnProbes {
  readonly #tlsServices: ReadonlySet<string>;
  readonly #connections = new Set<string>();

  /** Takes the names of the services that accept TLS; the others hear from this machine only. */
  constructor(tlsServices: Iterable<string>) {
    this.#tlsServices = new Set(tlsServices);
  }

  /** Returns the line; of a probe it is no warning, but it stays to be seen: an engine may have taken the wrong port. */
  quiet(line: TunnelLine): TunnelLine {
    const [, service = "", from = ""] = ACCEPTED.exec(line.text) ?? [];
    if (OF_THIS_MACHINE.test(from) && this.#tlsServices.has(service)) this.#connections.add(line.connection);
    // Stunnel counts its connections up, so that a number never comes again
    const alarms = line.level === "error" || line.level === "warn";
    return alarms && this.#connections.has(line.connection) ? { ...line, level: "info" } : line;
  }
}
