import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";
import { KILL_STUNNEL, must, type Sandbox, type SiteName, signalSite } from "../sandbox/index.ts";
import { otherOf, outboxOf, storedBy, timeoutsOf } from "./observe.ts";
import type { Kind, Step } from "./schedule.ts";

/** The composition file that the faults need beside the sandbox's own. */
export const FAULTS = "test/e2e/faults/faults.yml";

/** Of the 850 messages of a minute: the near site is away for a part of it, and a busy machine is late. */
const LEAST_IN_A_STOP = 550;

type Fault = (sandbox: Sandbox, step: Step) => Promise<void>;

/** How each fault is caused, seen to have happened, and healed. A pause is how long it lasts, and waits for nothing. */
const CAUSES: Record<Kind, Fault> = {
  async kill(sandbox, { site, holdMs }) {
    await killFor(sandbox, site, holdMs);
  },
  async "kill-stunnel"(sandbox, { site }) {
    await endsAndComesBack(sandbox, site, KILL_STUNNEL);
  },
  async "kill-node"(sandbox, { site }) {
    await endsAndComesBack(sandbox, site, signalSite("KILL"));
  },
  async network(sandbox, { site, holdMs }) {
    const [network, container] = [networkOf(sandbox), await sandbox.containerId(site)];
    await must("docker", ["network", "disconnect", network, container]);
    expect(await addressOf(sandbox, site)).toBe("");
    await pause(holdMs);
    await must("docker", ["network", "connect", "--alias", site, network, container]);
  },
  async address(sandbox, { site, holdMs }) {
    const before = await addressOf(sandbox, site);
    await sandbox.mustCompose("rm", "--stop", "--force", site);
    await takeAddress(sandbox, before);
    await pause(holdMs);
    await sandbox.mustCompose("up", "--detach", site);
    await sandbox.mustCompose("rm", "--stop", "--force", "squatter");
    expect(await addressOf(sandbox, site)).not.toBe(before);
  },
  async silence(sandbox, { site }) {
    const timeouts = () => timeoutsOf(sandbox, otherOf(site));
    const before = await timeouts();
    // Stunnel goes on, so that connections stay open, and new ones open, on which nothing ever comes
    await sandbox.shell(site, signalSite("STOP"));
    await expect.poll(timeouts, { timeout: 30_000, interval: 1000 }).toBeGreaterThan(before);
    await sandbox.shell(site, signalSite("CONT"));
  },
  async stop(sandbox, { site, holdMs, killAfterMs }) {
    const near = otherOf(site);
    await sandbox.mustCompose("stop", site);
    const over = pause(holdMs);
    await pause(killAfterMs);
    const waiting = async () => (await outboxOf(sandbox, near)).waiting;
    const before = await waiting();
    await killFor(sandbox, near, 2000);
    expect(await waiting()).toBeGreaterThanOrEqual(before);
    await over;
    expect(await waiting()).toBeGreaterThan(LEAST_IN_A_STOP);
    await sandbox.mustCompose("start", site);
  },
  "clock+1h": (sandbox, { site }) => moveClock(sandbox, site, 1),
  "clock-1h": (sandbox, { site }) => moveClock(sandbox, site, -1),
  "clock+0h": (sandbox, { site }) => moveClock(sandbox, site, 0),
};

/** Causes a fault, lets it last, and heals it; what does not happen as it should is an error. */
export const cause: Fault = (sandbox, step) => CAUSES[step.kind](sandbox, step);

async function killFor(sandbox: Sandbox, site: SiteName, holdMs: number): Promise<void> {
  const container = await sandbox.containerId(site);
  await must("docker", ["kill", container]);
  await expect.poll(() => sandbox.inspect(site, "{{.State.Status}}"), { timeout: 10_000 }).toBe("exited");
  await pause(holdMs);
  await must("docker", ["start", container]);
}

/** Ends a process, with which the site ends, and waits until Docker has started it again. */
async function endsAndComesBack(sandbox: Sandbox, site: SiteName, kill: string): Promise<void> {
  const state = () => sandbox.inspect(site, "{{.State.Running}} {{.State.StartedAt}}");
  const before = await state();
  // the shell ends with the site
  await sandbox.exec(site, ["bash", "-c", kill]);
  const isAnother = expect.toSatisfy((now) => now !== before && now.startsWith("true"));
  await expect.poll(state, { timeout: 20_000 }).toEqual(isAnother);
}

const networkOf = ({ project }: Sandbox) => `${project}_net_tls`;

const addressIn = (network: string) => `{{with index .NetworkSettings.Networks "${network}"}}{{.IPAddress}}{{end}}`;

const addressOf = (sandbox: Sandbox, site: SiteName) => sandbox.inspect(site, addressIn(networkOf(sandbox)));

/** Starts squatters until one has an address: Docker gives the lowest that is free, and there may be several. */
async function takeAddress(sandbox: Sandbox, address: string): Promise<void> {
  const taken: string[] = [];
  for (let count = 1; !taken.includes(address) && count < 10; count += 1) {
    await sandbox.mustCompose("up", "--detach", "--scale", `squatter=${count}`, "squatter");
    const containers = (await sandbox.mustCompose("ps", "--quiet", "squatter")).trim().split("\n");
    const addresses = await must("docker", ["inspect", "--format", addressIn(networkOf(sandbox)), ...containers]);
    taken.push(...addresses.split("\n"));
  }
}

/** Moves a clock, and waits until a message is stored under the hour that it shows then. */
async function moveClock(sandbox: Sandbox, site: SiteName, hours: number): Promise<void> {
  const offset = `${hours < 0 ? "" : "+"}${hours}h`;
  await sandbox.shell(site, `echo ${offset} > /data/clock.new && mv /data/clock.new /data/clock`);
  const ahead = async () => ((await storedBy(sandbox, site)).newestAtMs - Date.now()) / 3_600_000;
  await expect.poll(ahead, { timeout: 30_000, interval: 500 }).toBeCloseTo(hours, 1);
}
