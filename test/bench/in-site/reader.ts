/** Answers each line on standard input with what the processes of this site have used, and what its store holds. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";

/** What a site has used up to a moment. */
export interface Reading {
  /** CPU time by process name, and what it holds in memory. */
  processes: { name: string; cpuMs: number; memoryBytes: number }[];
  /** The number of the newest message that was stored. */
  stored: number;
}

// what the kernel counts process time in, wherever Node runs (USER_HZ)
const TICK_MS = 10;
const PAGE_BYTES = 4096;

const database = new DatabaseSync(join(process.env.DATA_DIR ?? "/data", "site.db"));
const newest = database.prepare("SELECT max(id) AS id FROM journal");

function read(): Reading {
  const others = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid);
  const { id } = newest.get() as { id: number | null };
  return { processes: others.flatMap((pid) => processOf(pid) ?? []), stored: id ?? 0 };
}

function processOf(pid: string): Reading["processes"][number] | undefined {
  try {
    const name = nameOf(readFileSync(`/proc/${pid}/cmdline`, "utf8"));
    // proc(5): user and system time are the fields 14 and 15, resident pages the field 24
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    const cpuMs = (Number(fields[11]) + Number(fields[12])) * TICK_MS;
    return { name, cpuMs, memoryBytes: Number(fields[21]) * PAGE_BYTES };
  } catch {
    // it has ended meanwhile
    return undefined;
  }
}

const NAMES = ["stunnel", "/site", "/send", "echo.ts"];

function nameOf(command: string): string {
  const words = command.split("\0");
  return NAMES.find((name) => words.some((word) => word.endsWith(name)))?.replace("/", "") ?? "other";
}

for await (const _ of createInterface({ input: process.stdin })) process.stdout.write(`${JSON.stringify(read())}\n`);
