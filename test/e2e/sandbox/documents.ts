import { copyFile, readdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { expect } from "vitest";
import { copyProject } from "./copy.ts";
import { ROOT, run } from "./run.ts";

/** A command block of a document, and what the document says that it prints. */
export interface Block {
  document: string;
  command: string;
  output: string | undefined;
}

/** Blocks that another test runs, since they are that test's whole matter: the command, and the file of the test. */
export const PROVED_ELSEWHERE: Record<string, string> = {
  "npm start": "a-fresh-clone-starts-with-npm-start-and-again-without-work.test.ts",
  [`docker compose build --quiet
cp docker-compose.yml test/example-project/safetunnel.yml
cd test/example-project
npm install
npm test`]: "another-project-tests-its-own-application-in-the-sandbox.test.ts",
};

/** Documents of which one test runs every block, in places of its own. */
export const DOCUMENTS_PROVED_ELSEWHERE: Record<string, string> = {
  "docs/two-machines.md": "two-machines-with-one-site-each-exchange-over-tls-alone.test.ts",
};

/** What every run of the tests has behind it when it comes to the documents. */
const RUN_BEFORE = ["npm run test:unit\nnpm run lint"];

/** Whether the test of the documents leaves a block to others. */
export const isProvedElsewhere = ({ document, command }: Block): boolean =>
  document in DOCUMENTS_PROVED_ELSEWHERE || command in PROVED_ELSEWHERE || RUN_BEFORE.includes(command);

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
const isTable = (output: string): boolean => /^ *[✓✗] /m.test(output);

/** Takes out of printed lines what differs from run to run: control IDs, fingerprints, dates, times, milliseconds. */
function steady(text: string): string[] {
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

/** Copies the project to where its commands can be run. */
export async function copyToRun() {
  const directory = await copyProject();
  await symlink(join(ROOT, "node_modules"), join(directory.path, "node_modules"));
  await copyFile(join(ROOT, ".env"), join(directory.path, ".env"));
  return directory;
}

/** Runs a block of a document as its reader would, and expects what the document says of it. */
export async function expectBlock({ command, output }: Block, cwd: string, env: Record<string, string>): Promise<void> {
  // a block whose output is an error, or a leg that stops, shows a failure on purpose
  const fails = /^(?:error:|✗ )/m.test(output ?? "");
  const script = fails ? command : `set -e\n${command}`;
  const { code, stdout, stderr } = isTable(output ?? "")
    ? await run("script", ["-qec", script, "/dev/null"], { cwd, env: { ...env, SHELL: "/bin/bash" } })
    : await run("bash", ["-c", script], { cwd, env });
  expect(code !== 0, `${command}\n${stdout}${stderr}`).toBe(fails);
  const printed = steady(`${stdout}\n${stderr}`);
  for (const line of steady(output ?? "")) expect(printed, printed.join("\n")).toContain(line);
}
