import { existsSync } from "node:fs";
import { cp, mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must, ROOT } from "./run.ts";

/** Copies what "git clone" would give of the working tree, the files that git knows or would add, to a place of its own. */
export async function copyProject() {
  const directory = await mkdtempDisposable(join(tmpdir(), "safetunnel-copy-"));
  const listed = await must("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"]);
  // git goes on listing a file that was deleted and not committed yet
  const files = listed.split("\0").filter((file) => file !== "" && existsSync(join(ROOT, file)));
  for (const file of files) await cp(join(ROOT, file), join(directory.path, file));
  return directory;
}
