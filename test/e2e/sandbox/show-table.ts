import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inject } from "vitest";
import { ROOT } from "./run.ts";

const FOLDER = "test-results";

/** Writes a table to a file, and prints it where its test was asked for alone: in a whole run it would bury the rest. */
export async function showTable(name: string, table: string): Promise<void> {
  const path = join(FOLDER, name);
  await mkdir(join(ROOT, FOLDER), { recursive: true });
  await writeFile(join(ROOT, path), `${table}\n`);
  process.stdout.write(inject("isAlone") ? `\n${table}\n` : `${table.split("\n").length} lines are in ${path}\n`);
}
