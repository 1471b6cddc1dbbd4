import { setTimeout as pause } from "node:timers/promises";
import type { BenchMessage } from "./messages.ts";
import type { Summary } from "./paths.ts";
import type { Sites } from "./sites.ts";

/** A load under which the memory of both sites is looked at. */
interface MemoryLoad {
  name: string;
  kind: "steady" | "burst";
  message: BenchMessage;
  count: number;
  connections: number;
}

/** What a site held in memory: Stunnel and the site's own process, without the command that sends. */
export interface MemoryResult {
  load: string;
  kind: MemoryLoad["kind"];
  site: string;
  messages: number;
  /** Highest of all, and the middle of the first and of the last third. */
  mostBytes: number;
  firstThirdBytes: number;
  lastThirdBytes: number;
}

const EVERY_MS = 100;

/** Sends a load and looks at the memory of both sites all the while. */
export async function measureMemory({ name, kind, message, count, connections }: MemoryLoad, { sandbox, read }: Sites) {
  const command = ["send", message.file, "--json", "--summary", "--timeout", "2m"];
  let over = false;
  const sent = sandbox
    .mustExec(message.from, ...command, "--count", String(count), "--connections", String(connections))
    .finally(() => {
      over = true;
    });
  const seen = { [message.from]: [] as number[], [message.to]: [] as number[] };
  while (!over) {
    for (const [site, bytes] of Object.entries(seen)) bytes.push(memoryOf(await read(site as BenchMessage["from"])));
    await pause(EVERY_MS);
  }
  const { codes } = JSON.parse((await sent).trim().split("\n").at(-1) ?? "") as Summary;
  return Object.entries(seen).map(([site, bytes]): MemoryResult => {
    const third = Math.ceil(bytes.length / 3);
    return {
      load: name,
      kind,
      site,
      messages: codes.AA ?? 0,
      mostBytes: Math.max(...bytes),
      firstThirdBytes: middle(bytes.slice(0, third)),
      lastThirdBytes: middle(bytes.slice(-third)),
    };
  });
}

const memoryOf = ({ processes }: Awaited<ReturnType<Sites["read"]>>) =>
  processes
    .filter(({ name }) => name === "site" || name === "stunnel")
    .reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);

const middle = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
