import { cp, mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must, ROOT } from "./run.ts";

/** Copies what "git clone" would give of the working tree, the files that git knows or would add, to a place of its own. */
export async function copyProject() {
  const directory = await mkdtempDisposable(join(tmpdir(), "safetunnel-copy-"));
  const files = await must("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"]);
  for (const file of files.split("\0").filter(Boolean)) await cp(join(ROOT, file), join(directory.path, file));
  return directory;
}
