import { expect, test } from "vitest";
import { must, type Sandbox, startSandbox } from "./sandbox/index.ts";

interface Queue {
  waiting: number;
  setAside: number;
  messages: { id: number; state: string; controlId: string; tries: number; reason: string }[];
}

const queueOf = async (sandbox: Sandbox) => JSON.parse(await sandbox.shell("eai", "queue --json")) as Queue;

/** The control IDs of what DPI accepted, in the order of their arrival. */
const accepted = async (sandbox: Sandbox) =>
  (await sandbox.received("dpi")).filter(({ code }) => code === "AA").map(({ controlId }) => controlId);

/** Puts three messages into the outbox and returns their control IDs. */
async function queueThree(sandbox: Sandbox): Promise<string[]> {
  const lines = (await sandbox.shell("eai", "send --queue --count 3 --json")).trim().split("\n");
  return lines.map((line) => (JSON.parse(line) as { controlId: string }).controlId);
}

test("AE is set aside with its reason, the next go on; it can be shown, sent again, and dropped", async () => {
  await using sandbox = await startSandbox({ DPI_ANSWER: "AE 204 first 2" });
  const [first, second, third] = await queueThree(sandbox);
  await expect.poll(() => queueOf(sandbox), { timeout: 20_000 }).toMatchObject({ waiting: 0, setAside: 2 });
  expect(await accepted(sandbox)).toEqual([third]);
  const { messages } = await queueOf(sandbox);
  expect(messages.map(({ controlId, state }) => [controlId, state])).toEqual([
    [first, "set-aside"],
    [second, "set-aside"],
  ]);
  expect(messages[0]?.reason).toMatch(/^AE, .*204\^Unknown key identifier/);
  expect(await sandbox.logs("eai")).toContain(`MDM^T02 ${first} is set aside as #1`);
  expect(await sandbox.shell("eai", "queue")).toMatch(/^1\tset aside\tMDM\^T02 .*\n.*\n0 waiting, 2 set aside\n$/m);
  expect(await sandbox.shell("eai", "queue show 1")).toContain(`|${first}|`);

  await sandbox.shell("eai", "queue retry 1");
  await expect.poll(() => queueOf(sandbox), { timeout: 20_000 }).toMatchObject({ waiting: 0, setAside: 1 });
  expect(await accepted(sandbox)).toEqual([third, first]);
  expect(await sandbox.shell("eai", "queue drop --all")).toBe("#2 is dropped, and not sent again\n");
  expect(await queueOf(sandbox)).toEqual({ waiting: 0, setAside: 0, messages: [] });
  const again = await sandbox.exec("eai", ["queue", "retry", "2"]);
  expect([again.code, again.stderr]).toEqual([1, expect.stringMatching(/^error: #2 is not set aside\nhint: /)]);
});

test("AR and lost acknowledgments are tried again, and the order is kept", async () => {
  await using sandbox = await startSandbox({ DPI_ANSWER: "AR first 2" });
  const ids = await queueThree(sandbox);
  await expect.poll(() => accepted(sandbox), { timeout: 20_000 }).toEqual(ids);
  const delivered = (await sandbox.shell("eai", "queue delivered --json")).trim().split("\n");
  expect(delivered.map((line) => JSON.parse(line).tries)).toEqual([3, 1, 1]);
});

test("what is queued while the other side is away outlives its own site, and goes when the other side is back", async () => {
  await using sandbox = await startSandbox();
  await sandbox.mustCompose("stop", "dpi");
  const ids = await queueThree(sandbox);
  await expect.poll(async () => (await queueOf(sandbox)).messages[0]?.tries, { timeout: 20_000 }).toBeGreaterThan(0);
  await must("docker", ["kill", await sandbox.containerId("eai")]);
  await sandbox.mustCompose("start", "eai", "dpi");
  await expect.poll(() => accepted(sandbox), { timeout: 40_000 }).toEqual(ids);
  await expect.poll(() => queueOf(sandbox)).toMatchObject({ waiting: 0, setAside: 0 });
  expect(await sandbox.logs("eai")).toContain("3 messages wait in the outbox, 0 are set aside");
});
