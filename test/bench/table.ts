import { print, printTable } from "../../src/terminal.ts";
import type { CellResult } from "./exchanges.ts";
import type { Machine } from "./machine.ts";
import { PATHS, type PathName, PROCESSES } from "./paths.ts";
import { figure, spreadText } from "./statistics.ts";

/** All that a bench has found out. */
export interface Results {
  startedAt: string;
  machine: Machine;
  rounds: number;
  exchanges: CellResult[];
}

/** Prints the results. */
export function printResults({ exchanges }: Results): void {
  const head = [
    "message",
    "connections",
    "path",
    "messages/s",
    "of the echo",
    "p50 ms",
    "p99 ms",
    "p99.9 ms",
    ...PROCESSES,
  ];
  const rows = exchanges.flatMap(({ message, connections, paths }) =>
    (Object.keys(PATHS) as PathName[]).map((path) => {
      const { messagesPerSecond, ratioToEcho, p50Ms, p99Ms, p999Ms, cpuMsPerMessage } = paths[path];
      return [
        message,
        String(connections),
        path,
        spreadText(messagesPerSecond),
        spreadText(ratioToEcho),
        ...[p50Ms, p99Ms, p999Ms].map(({ median }) => figure(median)),
        ...PROCESSES.map((name) => figure(cpuMsPerMessage[name] * 1000)),
      ];
    }),
  );
  printTable(head, rows);
  print();
}
