import type { BenchMessage } from "./messages.ts";
import { askEcho, ECHO, type Sites } from "./sites.ts";

/** The ways that are measured beside each other; the ceiling is `echo`. */
export const PATHS = {
  normal: "send and listen through the tunnels, STORE_SYNC=normal",
  full: "send and listen through the tunnels, STORE_SYNC=full",
  echo: "the ceiling: a bare byte echo of the same size through the same tunnels",
  answer: "the same bytes through the same tunnels, answered with as many bytes as an acknowledgment has",
  plain: "send and listen over plain TCP, STORE_SYNC=normal",
  reconnect: "send and listen, a new connection and handshake for each message, STORE_SYNC=normal",
} as const;

export type PathName = keyof typeof PATHS;

/** What is measured of one way with one message over so many connections. */
export interface Cell {
  message: BenchMessage;
  connections: number;
}

/** How often each cell of a way is sent, and how often before, uncounted. */
export interface Amount {
  count: number;
  warmUp: number;
}

/** What "send --summary --json" and the echo print. */
export interface Summary {
  exchanges: number;
  codes: Partial<Record<string, number>>;
  messagesPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  p999Ms: number;
  cpuMs: number;
}

/** One measurement: the summary, and what each process has used for a message. */
export interface Measured extends Summary {
  cpuMsPerMessage: Record<ProcessName, number>;
  /** How many messages the far site stored meanwhile. */
  stored: number;
}

export const PROCESSES = ["sender", "near Stunnel", "far Stunnel", "listener"] as const;
type ProcessName = (typeof PROCESSES)[number];

/** What an acknowledgment has, frame included. */
const ACKNOWLEDGMENT_BYTES = 170;
const FRAME_BYTES = 3;

/** Whether a way carries bytes that nobody stores. */
export const isEcho = (path: PathName): boolean => path === "echo" || path === "answer";

/** Sends the messages of a cell along one way. */
export async function measure(path: PathName, cell: Cell, amount: Amount, sites: Record<"normal" | "full", Sites>) {
  const { message } = cell;
  const { sandbox, read } = path === "full" ? sites.full : sites.normal;
  // over plain TCP the sender sits beside the listener: nothing but loopback is between them
  const from = path === "plain" ? message.to : message.from;
  const before = await Promise.all([read(from), read(message.to)]);
  const printed = await sandbox.mustExec(from, ...commandOf(path, cell, amount));
  const after = await Promise.all([read(from), read(message.to)]);
  const summary = JSON.parse(printed.trim().split("\n").at(-1) ?? "") as Summary;
  const sent = amount.count + amount.warmUp;
  const usedMs = (site: 0 | 1, name: string) => cpuOf(after[site], name) - cpuOf(before[site], name);
  const cpuMsPerMessage: Measured["cpuMsPerMessage"] = {
    sender: summary.cpuMs / amount.count,
    "near Stunnel": path === "plain" ? 0 : usedMs(0, "stunnel") / sent,
    "far Stunnel": path === "plain" ? 0 : usedMs(1, "stunnel") / sent,
    listener: usedMs(1, isEcho(path) ? "echo.ts" : "site") / sent,
  };
  return { ...summary, cpuMsPerMessage, stored: after[1].stored - before[1].stored } satisfies Measured;
}

function commandOf(path: PathName, { message, connections }: Cell, { count, warmUp }: Amount): string[] {
  const { from, to, sizeBytes, file } = message;
  if (isEcho(path)) {
    const answerBytes = path === "echo" ? 0 : ACKNOWLEDGMENT_BYTES;
    return askEcho(ECHO[from].asksOn, sizeBytes + FRAME_BYTES, answerBytes, count, connections, warmUp);
  }
  const options = { "--count": count, "--connections": connections, "--warm-up": warmUp };
  const command = [
    "send",
    file,
    "--json",
    "--summary",
    ...Object.entries(options).flatMap(([name, n]) => [name, `${n}`]),
  ];
  if (path === "plain") command.push("--port", String(ECHO[to].answersOn - 1));
  if (path === "reconnect") command.push("--reconnect");
  return command;
}

const cpuOf = ({ processes }: Awaited<ReturnType<Sites["read"]>>, name: string) =>
  processes.filter((one) => one.name === name).reduce((sum, { cpuMs }) => sum + cpuMs, 0);
