import { expect, test } from "vitest";
import { type Sandbox, sharedSandbox, startLoad, startSandbox } from "./sandbox/index.ts";

const bothOf = (sandbox: Sandbox) => Promise.all([sandbox.fingerprints("eai"), sandbox.fingerprints("dpi")]);

test("npm run certs:rotate: the connections live on, new ones are served with the new certificate", async () => {
  await using sandbox = await startSandbox();
  using load = await startLoad(sandbox);
  const [before, connections] = [await bothOf(sandbox), await load.connections()];

  const { code, stdout, stderr } = await sandbox.onHost("npm", ["run", "-s", "certs:rotate"]);
  expect([code, stdout.match(/replaced: --force$/gm)]).toEqual([0, expect.objectContaining({ length: 2 })]);
  expect(stdout.match(/^reloaded: the new files are in use, connections live on$/gm), stderr).toHaveLength(2);
  await load.flows(100);

  const after = await bothOf(sandbox);
  for (const [index, { onDisk, served }] of after.entries()) {
    expect(served).toBe(onDisk);
    expect(served).not.toBe(before[index]?.served);
  }
  expect(await load.connections()).toEqual(connections);
  expect(await sandbox.send("eai")).toMatchObject({ code: "AA" });
  expect(await sandbox.send("dpi")).toMatchObject({ code: "AA" });
});

test("without a word to the sites, disk and served differ until docker sends SIGHUP, and certs show says so", async () => {
  await using sandbox = await startSandbox();
  const { served: old } = await sandbox.fingerprints("eai");
  await sandbox.mustCompose("run", "--rm", "-T", "certs", "certs", "rotate", "eai");
  const { onDisk, served } = await sandbox.fingerprints("eai");
  expect(served).toBe(old);
  expect(onDisk).not.toBe(old);
  const shown = await sandbox.mustExec("eai", "certs", "show");
  expect(shown).toMatch(/^warning: 127\.0\.0\.1:32200 serves another certificate than \/certs\/eai\.crt holds/m);
  expect(shown).toMatch(/^warning: the files are newer than what Stunnel has read/m);

  await sandbox.mustCompose("kill", "--signal", "SIGHUP", "eai");
  await expect.poll(async () => (await sandbox.fingerprints("eai")).served, { timeout: 10_000 }).toBe(onDisk);
  expect(await sandbox.mustExec("eai", "certs", "show")).not.toMatch(/^warning:/m);
  expect(await sandbox.inspect("eai", "{{.RestartCount}} {{.State.Running}}")).toBe("0 true");
});

test("a rotation that reaches no site is a failure", async () => {
  const { code, stderr } = await sharedSandbox().exec("dpi", ["certs", "reload", "--expect-change"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: the files are the ones that Stunnel had already\nhint: .*EAI_CERTS/);
});
