import { appendFile, cp, mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must, ROOT } from "../../e2e/sandbox/index.ts";
import { type Rounds, timed } from "./rounds.ts";

/** All that a build reads. */
const READ = [".dockerignore", ".env", "docker-compose.yml", "Dockerfile", "package.json", "package-lock.json"];
const READ_FOLDERS = ["dpi", "eai", "src", "stunnel"];
/** The file that is changed: nearly all others import it. */
const SOURCE_FILE = "src/errors.ts";

/** Measures builds of a copy of the project; leaves the images of the last one under the tag. */
export async function measureBuilds(
  rows: Rounds,
  { tag, rounds, clean }: { tag: string; rounds: number; clean: boolean },
): Promise<void> {
  await using copy = await mkdtempDisposable(join(tmpdir(), "safetunnel-build-"));
  for (const name of [...READ, ...READ_FOLDERS]) await cp(join(ROOT, name), join(copy.path, name), { recursive: true });
  const build = (...args: string[]) =>
    must("docker", ["compose", "build", "--quiet", ...args], { cwd: copy.path, env: { TAG: tag } });
  if (clean) await timed(rows, "build from nothing", () => build("--no-cache"));
  else await build();
  for (let round = 1; round <= rounds; round += 1) {
    await timed(rows, "build with nothing changed", () => build());
    // Docker has seen no file like it
    await appendFile(join(copy.path, SOURCE_FILE), `// ${Date.now()}\n`);
    await timed(rows, "build with one source file changed", () => build());
  }
}
