import { open } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { ACCEPTED, ENDED } from "../../site/tunnel-line.ts";

/** What Stunnel said of one connection. */
export interface LoggedConnection {
  service: string;
  from: string;
  at: Date;
  lines: string[];
}

const TAIL_BYTES = 2 * 1024 * 1024;
/** What one connection and those beside it come to. */
const SHORT_TAIL_BYTES = 128 * 1024;
const CONFIGURED = /^Configuration successful/;

/** Says whether Stunnel has told the end of a connection. */
export const hasEnded = ({ lines }: Pick<LoggedConnection, "lines">): boolean => lines.some((line) => ENDED.test(line));

/**
 * Returns the connections in the last part of a site's stunnel.log in their order, undefined where it cannot be read.
 * What came before Stunnel last read its files was judged by others, and says nothing of today.
 */
export async function loggedConnections(path: string, tailBytes = TAIL_BYTES): Promise<LoggedConnection[] | undefined> {
  const text = await tailOf(path, tailBytes).catch(() => undefined);
  if (text === undefined) return undefined;
  let connections: LoggedConnection[] = [];
  const current = new Map<string, LoggedConnection>();
  for (const line of text.split("\n")) {
    const { connection, msg, time } = parse(line);
    if (CONFIGURED.test(msg)) connections = [];
    const [, service, from] = ACCEPTED.exec(msg) ?? [];
    const at = new Date(time);
    if (service !== undefined && from !== undefined && !Number.isNaN(at.getTime())) {
      const begun = { service, from, at, lines: [] };
      current.set(connection, begun);
      connections.push(begun);
    } else current.get(connection)?.lines.push(msg);
  }
  return connections;
}

/** A connection of ours: the service that it went to, when, and from which local port as far as that is known. */
export interface OwnConnection {
  service: string;
  since: Date;
  localPort: number | undefined;
}

/** Waits for what Stunnel says of a connection of ours, until it has ended or `limitMs` are over. */
export async function linesOf(path: string, own: OwnConnection, limitMs: number): Promise<string[]> {
  const endAt = performance.now() + limitMs;
  for (;;) {
    const connections = (await loggedConnections(path, SHORT_TAIL_BYTES)) ?? [];
    const lines = connections.findLast((one) => isOurs(one, own))?.lines ?? [];
    if (performance.now() > endAt || hasEnded({ lines })) return lines;
    await pause(20);
  }
}

/** One that was reset before we saw it stand has no port here: then it is the last one since. */
function isOurs({ service, from, at }: LoggedConnection, own: OwnConnection): boolean {
  if (service !== own.service || at < own.since) return false;
  return own.localPort === undefined || from.endsWith(`:${own.localPort}`);
}

async function tailOf(path: string, tailBytes: number): Promise<string> {
  await using file = await open(path, "r");
  const { size } = await file.stat();
  const from = Math.max(0, size - tailBytes);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
  return buffer.toString("utf8", 0, bytesRead);
}

function parse(line: string): { connection: string; msg: string; time: string } {
  try {
    const { connection, msg, time } = JSON.parse(line);
    return { connection: String(connection), msg: String(msg), time: String(time) };
  } catch {
    // the first line of a tail is cut
    return { connection: "", msg: "", time: "" };
  }
}
