import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { blocksOf, copyToRun, expectBlock } from "./sandbox/documents.ts";
import { must, ROOT, Sandbox, type SiteName } from "./sandbox/index.ts";

const DOCUMENT = "docs/two-machines.md";

/** A machine: the project in a folder of its own, and a composition that shares one network with the other. */
async function startMachine(site: SiteName, network: string) {
  const directory = await copyToRun();
  const project = `safetunnel-${site}-${randomUUID().slice(0, 8)}`;
  const env = {
    COMPOSE_PROJECT_NAME: project,
    COMPOSE_FILE: `docker-compose.yml:${join(ROOT, "test/e2e/sandbox/machines.yml")}`,
    NETWORK_BETWEEN: network,
    // what the page would publish is reached by the network here
    ...{ EAI_TLS_PORT: "0", DPI_TLS_PORT: "0", PUBLISH_ADDRESS: "127.0.0.1" },
    ...{ HEALTH_INTERVAL: "1s", SEND_EVERY: "off" },
  };
  const compose = (...args: string[]) => must("docker", ["compose", ...args], { cwd: directory.path, env });
  return {
    folder: directory.path,
    env,
    compose,
    sandbox: new Sandbox(project, env),
    [Symbol.asyncDispose]: async () => {
      await compose("down", "--volumes", "--timeout", "0");
      await directory[Symbol.asyncDispose]();
    },
  };
}

test(`${DOCUMENT}, command by command, on two machines`, async () => {
  const network = `safetunnel-between-${randomUUID().slice(0, 8)}`;
  await must("docker", ["network", "create", "--label", "of=safetunnel-test", network]);
  await using _ = { [Symbol.asyncDispose]: async () => void (await must("docker", ["network", "rm", network])) };
  await using eai = await startMachine("eai", network);
  await using dpi = await startMachine("dpi", network);
  const carried = [join(eai.folder, "dpi.tar"), join(dpi.folder, "dpi.tar")] as const;

  for (const block of await blocksOf(DOCUMENT)) {
    const machine = block.command.startsWith("# on EAI's machine\n") ? eai : dpi;
    if (machine === dpi) expect(block.command).toMatch(/^# on DPI's machine\n/);
    await expectBlock(block, machine.folder, machine.env);
    if (existsSync(carried[0])) await rename(...carried);
  }

  // what one sent, the other has, and nothing but the network is of both
  expect((await dpi.sandbox.received("dpi")).map(({ type }) => type)).toEqual(["MDM^T02", "MDM^T02"]);
  expect((await eai.sandbox.received("eai")).map(({ type }) => type)).toEqual(["ADT^A01", "ADT^A01"]);
  const mountsOf = async ({ sandbox }: typeof eai, site: SiteName) =>
    (await sandbox.inspect(site, "{{range .Mounts}}{{.Source}} {{end}}")).split(" ");
  const ofEai = await mountsOf(eai, "eai");
  expect((await mountsOf(dpi, "dpi")).filter((source) => ofEai.includes(source))).toEqual([]);
  const inBoth = await must("docker", ["network", "inspect", network, "--format", "{{len .Containers}}"]);
  expect(inBoth.trim()).toBe("2");
  const networksOf = (sandbox: Sandbox, site: SiteName) =>
    sandbox.inspect(site, "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}");
  expect((await networksOf(dpi.sandbox, "dpi")).trim().split(" ").sort()).toEqual(
    [`${dpi.sandbox.project}_net_dpi`, network].sort(),
  );

  // the second machine cannot issue: it has no key that signs, in no volume and in no folder
  const brought = await readdir(join(dpi.folder, "certs"), { recursive: true });
  expect(brought.filter((name) => name.endsWith(".key"))).toEqual(["dpi/dpi.key"]);
  const inVolumes = ["run", "--rm", "--no-deps", "-T", "certs", "find", "/pki", "-name", "ca.key"];
  expect(await eai.compose(...inVolumes)).toBe("/pki/authority/ca.key\n");
  expect(await dpi.compose(...inVolumes)).toBe("");
});
