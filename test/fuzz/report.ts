import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reasonOf, SafeTunnelError } from "../../src/errors.ts";
import { print, printTable } from "../../src/terminal.ts";
import type { Connection, Ending, Plan } from "./generator.ts";
import type { Growth } from "./memory.ts";

/** What a run came to. */
export interface Report {
  seed: number;
  /** How long it ran until the time was over or something was wrong. */
  ranMs: number;
  batches: number;
  inputs: number;
  /** Batches that were not sent, since nothing could have been said of what became of them. */
  skipped: number;
  connections: number;
  frames: number;
  bytes: number;
  stored: number;
  repeats: number;
  longestWaitMs: number;
  acknowledgments: Record<string, number>;
  refusals: Record<string, number>;
  memory: Growth;
  wrong: string | null;
  /** Whether what was wrong was wrong again on a listener that had seen nothing else; null where there is nothing to send. */
  seenAgain: boolean | null;
}

/** Prints a report for a person. */
export function printReport(report: Report): void {
  const { acknowledgments, refusals, memory } = report;
  const { firstBytes, lastBytes, grownBytes } = memory;
  const listed = (counts: Record<string, number>) =>
    Object.entries(counts)
      .sort(([one], [other]) => one.localeCompare(other))
      .map(([name, count]) => `${name} ${count}`)
      .join(", ") || "none";
  const mebibytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
  const grown = grownBytes === null ? "too short a run to tell whether it grows" : `grown by ${mebibytes(grownBytes)}`;
  printTable(
    ["what", "how much"],
    [
      ["seed", String(report.seed)],
      ["ran", `${(report.ranMs / 1000).toFixed(1)} s`],
      ["inputs", `${report.inputs} in ${report.batches} batches (${report.skipped} skipped)`],
      ["sent", `${report.frames} frames, ${report.bytes} bytes, ${report.connections} connections`],
      ["acknowledgments", listed(acknowledgments)],
      ["refusals by condition", listed(refusals)],
      ["journal", `${report.stored} stored, ${report.repeats} repeats`],
      ["memory", `${mebibytes(firstBytes)} first, ${mebibytes(lastBytes)} last: ${grown}`],
      ["longest wait", `${report.longestWaitMs} ms`],
    ],
  );
  if (report.wrong === null) print("nothing was wrong");
}

/** Writes what was sent to a file that `readPlan` takes, and returns its path. */
export function writePlan({ connections }: Plan, facts: { seed: number; wrong: string }): string {
  const path = join(mkdtempSync(join(tmpdir(), "mllp-fuzz-")), `seed-${facts.seed}.json`);
  const written = connections.map(({ chunks, ending }) => ({
    ending,
    readable: Buffer.concat(chunks).toString("latin1"),
    chunksBase64: chunks.map((chunk) => chunk.toString("base64")),
  }));
  writeFileSync(path, `${JSON.stringify({ ...facts, connections: written }, undefined, 2)}\n`);
  return path;
}

/** Reads what `writePlan` wrote. Throws `file-unreadable`. */
export function readPlan(path: string): Plan {
  try {
    const { connections } = JSON.parse(readFileSync(path, "utf8")) as {
      connections: { ending: Ending; chunksBase64: string[] }[];
    };
    const read = ({ ending, chunksBase64 }: (typeof connections)[number]): Connection => ({
      ending,
      chunks: chunksBase64.map((chunk) => Buffer.from(chunk, "base64")),
    });
    return { connections: connections.map(read), inputs: connections.length };
  } catch (cause) {
    throw new SafeTunnelError("file-unreadable", `cannot replay ${path}: ${reasonOf(cause)}`, {
      hint: "give the file that a run named where something was wrong",
      cause,
    });
  }
}
