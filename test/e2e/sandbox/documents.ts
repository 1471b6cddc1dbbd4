import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { ROOT } from "./run.ts";

/** A command block of a document, and what the document says that it prints. */
export interface Block {
  document: string;
  command: string;
  output: string | undefined;
}

/** Returns the documents that show commands: the README, what stands beside it, and docs/. */
export async function documents(): Promise<string[]> {
  const [top, docs] = await Promise.all([readdir(ROOT), readdir(join(ROOT, "docs"))]);
  return [...top, ...docs.map((name) => `docs/${name}`)].filter((name) => name.endsWith(".md")).sort();
}

const FENCE = /^```(\w+)\n([\s\S]*?)^```$/gm;

/** Returns the sh blocks of a document in their order, each with the text block that follows it at once. */
export async function blocksOf(document: string): Promise<Block[]> {
  const text = await readFile(join(ROOT, document), "utf8");
  const fences = [...text.matchAll(FENCE)];
  return fences.flatMap((fence, index) => {
    const [whole, language, command = ""] = fence;
    if (language !== "sh") return [];
    const next = fences[index + 1];
    const follows = next?.[1] === "text" && text.slice(fence.index + whole.length, next.index).trim() === "";
    return [{ document, command: command.trim(), output: follows ? next[2]?.trimEnd() : undefined }];
  });
}

/** Whether what a block prints is the table of "check", which is for a terminal only. */
export const isTable = (output: string): boolean => /^ *[✓✗] /m.test(output);

/** Takes out of printed lines what differs from run to run: control IDs, fingerprints, dates, times, milliseconds. */
export function steady(text: string): string[] {
  return stripVTControlCharacters(text)
    .replace(/\b(MDM|ADT|ACK)[0-9A-Z]{17}\b/g, "$1-ID")
    .replace(/\[\d\d:\d\d:\d\d\.\d{3}\]/g, "[TIME]")
    .replace(/\b([0-9A-F]{2}:){31}[0-9A-F]{2}\b/g, "FINGERPRINT")
    .replace(/\b[0-9A-F]{30,32}\b/g, "SERIAL")
    .replace(/\b\d{4}-\d\d-\d\d\b/g, "DATE")
    .replace(/\b\d+(\.\d)? ms\b/g, "N ms")
    .replace(/every \d+ s/g, "every N s")
    .replace(/(reset|closed) by the other side( \([^)]*\))?/g, "ended by the other side")
    .split("\n")
    .map((line) => line.trimEnd())
    .filter(Boolean);
}
