import { open } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";

/** What Stunnel said of one connection. */
export interface LoggedConnection {
  service: string;
  from: string;
  at: Date;
  lines: string[];
}

const TAIL_BYTES = 2 * 1024 * 1024;
const ACCEPTED = /^Service \[([^\]]*)\] accepted connection from (\S+)$/;
const ENDED = /^Connection (?:closed|reset)/;

/** Returns the connections in the last part of a site's stunnel.log in their order, undefined where it cannot be read. */
export async function loggedConnections(path: string): Promise<LoggedConnection[] | undefined> {
  const text = await tailOf(path).catch(() => undefined);
  if (text === undefined) return undefined;
  const connections: LoggedConnection[] = [];
  const current = new Map<string, LoggedConnection>();
  for (const line of text.split("\n")) {
    const { connection, msg, time } = parse(line);
    const [, service, from] = ACCEPTED.exec(msg) ?? [];
    if (service !== undefined && from !== undefined) {
      const begun = { service, from, at: new Date(time), lines: [] };
      current.set(connection, begun);
      connections.push(begun);
    } else current.get(connection)?.lines.push(msg);
  }
  return connections;
}

/** Waits for what Stunnel says of the connection that came from a local port, until it has ended or `limitMs` are over. */
export async function connectionFrom(path: string, localPort: number, limitMs: number): Promise<string[]> {
  const endAt = performance.now() + limitMs;
  for (;;) {
    const connections = (await loggedConnections(path)) ?? [];
    const lines = connections.findLast(({ from }) => from.endsWith(`:${localPort}`))?.lines ?? [];
    if (performance.now() > endAt || lines.some((line) => ENDED.test(line))) return lines;
    await pause(20);
  }
}

async function tailOf(path: string): Promise<string> {
  await using file = await open(path, "r");
  const { size } = await file.stat();
  const from = Math.max(0, size - TAIL_BYTES);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
  return buffer.toString("utf8", 0, bytesRead);
}

function parse(line: string): { connection: string; msg: string; time: string } {
  try {
    const { connection = "", msg = "", time = "" } = JSON.parse(line);
    return { connection, msg, time };
  } catch {
    // the first line of a tail is cut
    return { connection: "", msg: "", time: "" };
  }
}
