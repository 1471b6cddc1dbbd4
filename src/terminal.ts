import { stripVTControlCharacters, styleText } from "node:util";
import Table from "cli-table3";
import { reasonOf, SafeTunnelError } from "./errors.ts";

/** Exit codes of every command: 0 accepted, 1 failed, 2 wrong usage, 3 negative acknowledgment. */
export const ExitCode = { accepted: 0, failed: 1, usage: 2, negative: 3 } as const;

/** Writes one line to standard output. */
export function print(line = ""): void {
  process.stdout.write(`${line}\n`);
}

/** Writes one line to standard error, which keeps standard output clean for a pipe. */
export function printAside(line = ""): void {
  process.stderr.write(`${line}\n`);
}

type Style = Parameters<typeof styleText>[0];

/** Colours text where standard output is a terminal that wants colour (NO_COLOR and FORCE_COLOR are honoured). */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout, validateStream: true });
}

/** Prints rows under a head: a ruled table on a terminal, columns separated by tabs in a pipe. */
export function printTable(head: string[], rows: string[][]): void {
  if (!process.stdout.isTTY || rows.length > MOST_RULED) {
    for (const row of [head, ...rows]) print(row.join("\t"));
    return;
  }
  const colWidths = widthsFor([head, ...rows], process.stdout.columns);
  const table = new Table({ head, style: { head: ["cyan"], border: ["grey"] }, colWidths, wordWrap: true });
  table.push(...rows);
  print(table.toString());
}

const LEAST_WIDTH = 24;
/** How many rows are ruled: that takes its time, and nobody looks at more. */
const MOST_RULED = 1000;

/** Returns the widths of columns, of which the last one gives way where a screen is too narrow for all. */
function widthsFor(rows: string[][], screenColumns: number): number[] {
  const padding = 2;
  const widths = (rows[0] ?? []).map(
    (_, at) => padding + Math.max(...rows.map((row) => stripVTControlCharacters(row[at] ?? "").length)),
  );
  const others = widths.slice(0, -1).reduce((sum, width) => sum + width, 0) + widths.length + 1;
  const last = Math.max(LEAST_WIDTH, screenColumns - others);
  return widths.map((width, at) => (at === widths.length - 1 ? Math.min(width, last) : width));
}

/** Prints an error as two lines, what was tried and one next action. */
export function printError(error: unknown): void {
  const label = (style: Style, text: string) =>
    styleText(style, text, { stream: process.stderr, validateStream: true });
  printAside(`${label("red", "error:")} ${reasonOf(error)}`);
  if (error instanceof SafeTunnelError) printAside(`${label("yellow", "hint:")} ${error.hint}`);
  else if (error instanceof Error)
    printAside(`${label("yellow", "hint:")} this is a defect, please report it: ${error.stack}`);
}
