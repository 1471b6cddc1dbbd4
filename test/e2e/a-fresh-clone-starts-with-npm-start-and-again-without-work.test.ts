import { randomUUID } from "node:crypto";
import { cp, mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { must, ROOT, run, Sandbox } from "./sandbox/index.ts";

/** What "git clone" would give of the working tree: the files that git knows or would add. */
async function cloneInto(directory: string): Promise<void> {
  const files = await must("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"]);
  for (const file of files.split("\0").filter(Boolean)) await cp(join(ROOT, file), join(directory, file));
}

const EXCHANGE = /^sending {7}(?:MDM\^T02|ADT\^A01) (\S+) to .*\nacknowledged {2}AA for \1 in \d+ ms$/gm;

test("it ends with an acknowledged exchange in each direction", { timeout: 240_000 }, async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), "safetunnel-clone-"));
  await cloneInto(directory.path);
  const project = `safetunnel-clone-${randomUUID().slice(0, 8)}`;
  const env = { COMPOSE_PROJECT_NAME: project, EAI_TLS_PORT: "0", DPI_TLS_PORT: "0", HEALTH_INTERVAL: "1s" };
  await using _ = {
    [Symbol.asyncDispose]: async () => void (await new Sandbox(project).compose(["down", "--volumes"])),
  };
  // a person's shell has none of what npm sets for the test run
  const start = () => run("npm", ["start"], { cwd: directory.path, env: { ...env, NODE_ENV: "" } });

  const first = await start();
  expect(first.stderr).not.toContain("error:");
  expect(first.code).toBe(0);
  expect([...first.stdout.matchAll(EXCHANGE)]).toHaveLength(2);
  expect(first.stdout).toContain("What to try next");

  const second = await start();
  expect(second.code).toBe(0);
  expect([...second.stdout.matchAll(EXCHANGE)]).toHaveLength(2);
  expect(second.stdout).not.toMatch(/installing|making|pulling/);
  const kept = (await new Sandbox(project).received("dpi")).map(({ controlId }) => controlId);
  // the second run kept what the first had stored
  expect(kept).toContain([...first.stdout.matchAll(EXCHANGE)][0]?.[1]);
});
