import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readPage } from "../unit/pages.ts";
import { must, ROOT, run, startSandbox } from "./sandbox/index.ts";

const VERSION = `0.0.0-${process.pid}`;
const IMAGES = ["eai", "dpi"].map((site) => `mllp-safetunnel/${site}:${VERSION}`);

/** The blocks of "The images" on the page about releases, with this version, and with the layers that are there. */
function commandsOfARelease(): string[] {
  const section = readPage("docs/releasing.md").sections.find(({ title }) => title === "The images");
  const commands = section?.blocks.map(({ text }) => text.replaceAll("1.2.3", VERSION)) ?? [];
  expect(commands).toHaveLength(3);
  expect(commands[0]).toContain(" --pull --no-cache");
  return commands.map((text) => text.replace(" --pull --no-cache", " --quiet"));
}

test("with the commands of the page about releases", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "safetunnel-release-"));
  await using _ = {
    [Symbol.asyncDispose]: async () => void (await run("docker", ["image", "rm", "--force", ...IMAGES])),
  };
  const revision = (await must("git", ["rev-parse", "HEAD"])).trim();
  const env = {
    COMPOSE_FILE: join(ROOT, "docker-compose.yml"),
    COMPOSE_PROJECT_NAME: `safetunnel-release-${process.pid}`,
    GIT_DIR: (await must("git", ["rev-parse", "--absolute-git-dir"])).trim(),
  };
  const shell = (script: string) => must("bash", ["-ec", script], { cwd: folder.path, env });
  const [build = "", save = "", bringIn = ""] = commandsOfARelease();
  const labels = (await shell(build))
    .trim()
    .split("\n")
    .filter((line) => line.startsWith("{"));
  expect(labels).toHaveLength(2);
  for (const label of labels)
    expect(JSON.parse(label)).toMatchObject({
      "org.opencontainers.image.version": VERSION,
      "org.opencontainers.image.revision": revision,
    });

  await shell(save);
  await must("docker", ["image", "rm", ...IMAGES]);
  const [check = "", load = "", start = "", ...more] = bringIn.trim().split("\n");
  expect(more).toEqual([]);
  const without = await run("bash", ["-c", start], {
    cwd: folder.path,
    env: { ...env, EAI_TLS_PORT: "0", DPI_TLS_PORT: "0" },
  });
  await run("docker", ["compose", "down", "--volumes"], { cwd: folder.path, env });
  expect(without.code).not.toBe(0);
  expect(without.stderr).toContain(IMAGES[0]);

  expect(await shell(check)).toContain(": OK");
  await shell(load);
  await using sandbox = await startSandbox({ TAG: VERSION });
  expect(await sandbox.send("eai")).toMatchObject({ code: "AA" });
});
