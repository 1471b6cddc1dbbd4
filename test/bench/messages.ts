import { chmod, mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SiteName } from "../e2e/sandbox/index.ts";
import { ROOT } from "../e2e/sandbox/index.ts";

/** A message that the bench sends, and from which site: each site takes one type. */
export interface BenchMessage {
  name: string;
  from: SiteName;
  to: SiteName;
  sizeBytes: number;
  /** Its file inside the sites. */
  file: string;
}

const KB = 1024;
// the size of an MDM is that of the document in its first OBX-5
const SIZES: [name: string, from: SiteName, sizeBytes: number | undefined][] = [
  ["ADT 1 KB", "dpi", undefined],
  ["MDM 9 KB", "eai", undefined],
  ["MDM 200 KB", "eai", 200 * KB],
  ["MDM 1 MB", "eai", 1024 * KB],
];

/** The names of all messages. */
export const NAMES = SIZES.map(([name]) => name);

/** Writes the messages into a folder that the sites see as /bench. */
export async function writeMessages() {
  const folder = await mkdtempDisposable(join(tmpdir(), "safetunnel-bench-"));
  // the sites are another user
  await chmod(folder.path, 0o755);
  const messages: BenchMessage[] = [];
  for (const [name, from, wantedBytes] of SIZES) {
    const own = (await readFile(join(ROOT, from, "message.hl7"), "latin1")).replace(/\r?\n/g, "\r");
    const missingBytes = Math.max(0, (wantedBytes ?? 0) - own.length);
    // base64 grows by whole groups of four
    const text = own.replace(/(\^Base64\^)/, `$1${"QUJD".repeat(missingBytes / 4)}`);
    const file = `${name.replaceAll(" ", "-")}.hl7`;
    await writeFile(join(folder.path, file), text, "latin1");
    messages.push({ name, from, to: from === "eai" ? "dpi" : "eai", sizeBytes: text.length, file: `/bench/${file}` });
  }
  return Object.assign(folder, { messages });
}
