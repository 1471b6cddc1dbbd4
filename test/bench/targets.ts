import type { Results } from "./bench.ts";
import type { CellResult } from "./exchanges.ts";
import { figure } from "./statistics.ts";

/** What the product is to reach, as ratios within one run, and what it came to. */
export interface Target {
  name: string;
  wanted: string;
  seen: string;
  met: boolean;
}

const RATIOS: [message: string, connections: number, path: "normal" | "full", least: number][] = [
  ["ADT 1 KB", 1, "normal", 0.75],
  ["MDM 200 KB", 1, "normal", 0.8],
  ["ADT 1 KB", 16, "normal", 0.6],
  ["MDM 200 KB", 16, "normal", 0.7],
  ["ADT 1 KB", 1, "full", 0.45],
  ["MDM 200 KB", 1, "full", 0.7],
  ["ADT 1 KB", 16, "full", 0.5],
  ["MDM 200 KB", 16, "full", 0.6],
];
const LEAST_TIMES_A_PROCESS = 150;
const MOST_P99 = 5;
/** What metrics, logs and audit trail may take is less than 5 %. */
const LEAST_WATCHED = 0.95;
const MIB = 1024 * 1024;
const MOST_MEMORY: Record<string, number> = { steady: 150 * MIB, burst: 400 * MIB };

/** Holds what was measured against what is wanted; what was not measured is left out. */
export function targetsOf({ exchanges, processes, memory, watching }: Results): Target[] {
  const ratios = RATIOS.flatMap(([message, connections, path, least]) =>
    cellsOf(exchanges, message, connections).map((cell) =>
      atLeast(
        `${message}, ${connections} connections, ${path}: of the echo`,
        cell.paths[path].ratioToEcho.median,
        least,
      ),
    ),
  );
  const spread = exchanges.flatMap(({ message, connections, paths }) =>
    (["normal", "full"] as const).map((path) => {
      const { p50Ms, p99Ms } = paths[path];
      return atMost(
        `${message}, ${connections} connections, ${path}: p99 by p50`,
        p99Ms.median / p50Ms.median,
        MOST_P99,
      );
    }),
  );
  const [one] = cellsOf(exchanges, "ADT 1 KB", 1);
  const times = one && processes ? [one.paths.normal.messagesPerSecond.median / processes.median] : [];
  return [
    ...ratios,
    ...times.map((seen) => atLeast("ADT 1 KB: times a process and handshake each", seen, LEAST_TIMES_A_PROCESS)),
    ...spread,
    ...watching.map(({ message, connections, ratio }) =>
      atLeast(`${message}, ${connections} connections: with metrics, logs and audit`, ratio.median, LEAST_WATCHED),
    ),
    ...memory.map(({ load, kind, site, mostBytes }) =>
      atMost(`${site}, ${load}: MiB at most`, mostBytes / MIB, (MOST_MEMORY[kind] ?? 0) / MIB),
    ),
  ];
}

const cellsOf = (exchanges: CellResult[], message: string, connections: number) =>
  exchanges.filter((cell) => cell.message === message && cell.connections === connections);

const atLeast = (name: string, seen: number, least: number): Target => ({
  name,
  wanted: `at least ${figure(least)}`,
  seen: figure(seen),
  met: seen >= least,
});

const atMost = (name: string, seen: number, most: number): Target => ({
  name,
  wanted: `at most ${figure(most)}`,
  seen: figure(seen),
  met: seen <= most,
});
