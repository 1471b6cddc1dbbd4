import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { copyProject, run, Sandbox } from "./sandbox/index.ts";

const EXCHANGE = /^sending {7}(?:MDM\^T02|ADT\^A01) (\S+) to .*\nacknowledged {2}AA for \1 in \d+ ms$/gm;

test("it ends with an acknowledged exchange in each direction", { timeout: 240_000 }, async () => {
  await using directory = await copyProject();
  const project = `safetunnel-clone-${randomUUID().slice(0, 8)}`;
  const env = { COMPOSE_PROJECT_NAME: project, EAI_TLS_PORT: "0", DPI_TLS_PORT: "0", HEALTH_INTERVAL: "1s" };
  await using _ = {
    [Symbol.asyncDispose]: async () =>
      void (await new Sandbox(project).compose(["down", "--volumes", "--timeout", "0"])),
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
