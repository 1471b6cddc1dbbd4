import { randomInt } from "node:crypto";
import { expect, test } from "vitest";
import { balanceOf, tableOf } from "./faults/accounts.ts";
import { cause, FAULTS } from "./faults/cause.ts";
import { acknowledgedAgain, deliveredBy, otherOf, outboxOf, queuedBy, SITES, storedBy } from "./faults/observe.ts";
import { sayStep, scheduleOf } from "./faults/schedule.ts";
import { must, type Sandbox, type SiteName, startSandbox } from "./sandbox/index.ts";

const LEAST_MESSAGES = 2000;
const LOAD = {
  SEND_EVERY: "50ms",
  JOURNAL_KEEP: "1000000",
  // acknowledgments that are lost after the message was stored, and some that come twice
  DPI_ANSWER: "close every 40",
  EAI_ANSWER: "twice every 30",
};
const SUITE_LIMIT_MS = 400_000;

const say = (line: string) => process.stdout.write(`${line}\n`);

test("what was acknowledged to the sender is what was stored, each once, in order", {
  timeout: SUITE_LIMIT_MS,
}, async () => {
  const seed = Number(process.env.FAULTS_SEED ?? randomInt(2 ** 32));
  const steps = scheduleOf(seed);
  say(`FAULTS_SEED=${seed} repeats this schedule:\n${steps.map((step) => `  ${sayStep(step)}`).join("\n")}`);

  await must("docker", ["compose", "-f", "docker-compose.yml", "-f", FAULTS, "build", "--quiet", "dpi"]);
  await using sandbox = await startSandbox(LOAD, [FAULTS]);
  await Promise.all(SITES.map((sender) => acknowledgedAgain(sandbox, sender, new Date(0))));
  const longestOutageMs = { eai: 0, dpi: 0 };
  for (const step of steps) {
    const begun = performance.now();
    await cause(sandbox, step);
    const healed = new Date();
    const outages = SITES.map(async (sender) => {
      const outageMs = (await acknowledgedAgain(sandbox, sender, healed)) - begun;
      longestOutageMs[sender] = Math.max(longestOutageMs[sender], outageMs);
      return `${sender} is acknowledged again after ${(outageMs / 1000).toFixed(1)} s`;
    });
    const told = await Promise.all(outages);
    say(`${sayStep(step)}: ${told.join(", ")}`);
    if (step.kind === "stop") await backlogGoes(sandbox, otherOf(step.site));
  }

  expect((await sandbox.compose(["up", "--detach"], { env: { SEND_EVERY: "off" } })).code).toBe(0);
  await drained(sandbox);
  const accounts = await Promise.all(
    SITES.map(async (sender) => {
      const receiver = otherOf(sender);
      const queued = await queuedBy(sandbox, sender);
      const delivered = await deliveredBy(sandbox, sender);
      const { controlIds: stored, repeated } = await storedBy(sandbox, receiver);
      const direction = `${sender} to ${receiver}`;
      return { direction, queued, delivered, stored, repeated, longestOutageMs: longestOutageMs[sender] };
    }),
  );
  say(tableOf(accounts));
  expect(accounts.flatMap((account) => balanceOf(account).wrong)).toEqual([]);
  expect(accounts.reduce((sum, { delivered }) => sum + delivered.length, 0)).toBeGreaterThanOrEqual(LEAST_MESSAGES);
  // or no acknowledgment was lost behind a message that was stored
  expect(accounts.reduce((sum, { repeated }) => sum + repeated, 0)).toBeGreaterThan(0);
});

async function drained(sandbox: Sandbox): Promise<void> {
  const left = () => Promise.all(SITES.map((site) => outboxOf(sandbox, site)));
  const nothing = expect.objectContaining({ waiting: 0, setAside: 0 });
  await expect.poll(left, { timeout: 60_000, interval: 500 }).toEqual([nothing, nothing]);
}

/** Waits until what is left in an outbox is what comes in at every moment. */
async function backlogGoes(sandbox: Sandbox, site: SiteName): Promise<void> {
  const waiting = async () => (await outboxOf(sandbox, site)).waiting;
  await expect.poll(waiting, { timeout: 60_000, interval: 2000 }).toBeLessThan(50);
}
