import type { Results } from "./bench.ts";
import { PATHS, type PathName, PROCESSES } from "./paths.ts";
import { figure, spreadText } from "./statistics.ts";
import { targetsOf } from "./targets.ts";

/** A table of the report, for a terminal and for a page alike. */
export interface ReportTable {
  title: string;
  head: string[];
  rows: string[][];
}

const MIB = 1024 * 1024;

/** Returns what a bench has found out as tables. */
export function tablesOf(results: Results): ReportTable[] {
  const { exchanges, processes, memory, growth, watching } = results;
  return [
    speedTable(results),
    {
      title: "CPU for a message, in microseconds of each process",
      head: ["message", "connections", "path", ...PROCESSES],
      rows: exchanges.flatMap(({ message, connections, paths }) =>
        NAMES.map((path) => [
          message,
          String(connections),
          path,
          ...PROCESSES.map((name) => figure(paths[path].cpuMsPerMessage[name] * 1000)),
        ]),
      ),
    },
    {
      title: "A process and a handshake for each message",
      head: ["message", "messages/s"],
      rows: processes ? [["ADT 1 KB", spreadText(processes)]] : [],
    },
    {
      title: "Memory of a site, in MiB",
      head: ["load", "site", "messages", "at most", "first third", "last third"],
      rows: memory.map(({ load, site, messages, mostBytes, firstThirdBytes, lastThirdBytes }) => [
        load,
        site,
        String(messages),
        ...[mostBytes, firstThirdBytes, lastThirdBytes].map((bytes) => figure(bytes / MIB)),
      ]),
    },
    {
      title: "Time for a message against the length of the journal, in milliseconds",
      head: ["rows in the journal", "stored", "bare echo"],
      rows: growth.map(({ rows, msPerMessage, echoMsPerMessage }) => [
        rows.toLocaleString("en-US"),
        spreadText(msPerMessage),
        spreadText(echoMsPerMessage),
      ]),
    },
    {
      title: "With metrics, logs and audit trail, as a share of without them (WATCH=off)",
      head: ["message", "connections", "with", "without", "share"],
      rows: watching.map(({ message, connections, watched, unwatched, ratio }) => [
        message,
        String(connections),
        ...[watched, unwatched, ratio].map(spreadText),
      ]),
    },
    {
      title: "Targets",
      head: ["target", "wanted", "seen", "met"],
      rows: targetsOf(results).map(({ name, wanted, seen, met }) => [name, wanted, seen, met ? "yes" : "NO"]),
    },
  ].filter(({ rows }) => rows.length > 0);
}

/** Returns tables as a page of Markdown. */
export function pageOf({ machine, plan, startedAt }: Results, tables: ReportTable[]): string {
  const { processors, memoryGiB, kernel, node, stunnel, virtual, loadBefore } = machine;
  const where = `${processors}, ${memoryGiB} GiB${virtual ? ", a virtual machine" : ""}, Linux ${kernel}`;
  const how = `${plan.rounds} rounds of about ${plan.eachMs} ms, load before ${figure(loadBefore)}`;
  const lines = [`${startedAt}: ${where}; Node ${node}, ${stunnel}; ${how}.`];
  for (const { title, head, rows } of tables) {
    lines.push("", `### ${title}`, "");
    for (const cells of [head, head.map(() => "---"), ...rows]) lines.push(`| ${cells.join(" | ")} |`);
  }
  return `${lines.join("\n")}\n`;
}

const NAMES = Object.keys(PATHS) as PathName[];

const speedTable = ({ exchanges }: Results): ReportTable => ({
  title: "Messages a second, and how long each one takes (median, least to most)",
  head: ["message", "connections", "path", "messages/s", "of the echo", "p50 ms", "p99 ms", "p99.9 ms"],
  rows: exchanges.flatMap(({ message, connections, paths }) =>
    NAMES.map((path) => {
      const { messagesPerSecond, ratioToEcho, p50Ms, p99Ms, p999Ms } = paths[path];
      const times = [p50Ms, p99Ms, p999Ms].map(({ median }) => figure(median));
      return [message, String(connections), path, spreadText(messagesPerSecond), spreadText(ratioToEcho), ...times];
    }),
  ),
});
