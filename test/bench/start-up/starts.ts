import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Sandbox, SiteName } from "../../e2e/sandbox/index.ts";
import { note, type Rounds } from "./rounds.ts";

const SITES: SiteName[] = ["eai", "dpi"];
/** pino's level of a warning. */
const WARNING = 40;

/**
 * Measures a first start, without certificates, and one with those of the first; leaves the sites running. Returns how
 * many warnings and errors the sites told before their first acknowledgments.
 */
export async function measureStarts(rows: Rounds, sandbox: Sandbox): Promise<number> {
  const first = await measureStart(rows, sandbox, "first start");
  await sandbox.mustCompose("down");
  return first + (await measureStart(rows, sandbox, "second start"));
}

async function measureStart(rows: Rounds, sandbox: Sandbox, start: string): Promise<number> {
  const beganAt = Date.now();
  const add = (what: string, at: number) => note(rows, `${start}: ${what}`, at - beganAt);
  await sandbox.mustCompose("up", "--detach");
  const returnedAt = Date.now();
  const certs = `${sandbox.project}-certs-1`;
  add("certs runs", Date.parse(await inspect(sandbox, certs, "StartedAt")));
  add("certificates are there", Date.parse(await inspect(sandbox, certs, "FinishedAt")));
  add("docker compose up returns", returnedAt);
  const firsts = await Promise.all(SITES.map((site) => firstExchange(`${sandbox.project}-${site}-1`)));
  add("both sites run", Math.max(...firsts.map(({ runsAt }) => runsAt)));
  add("first acknowledgment of each site", Math.max(...firsts.map(({ acknowledgedAt }) => acknowledgedAt)));
  return firsts.reduce((sum, { warnings }) => sum + warnings, 0);
}

async function inspect(sandbox: Sandbox, container: string, moment: string): Promise<string> {
  const { stdout } = await sandbox.onHost("docker", ["inspect", "--format", `{{.State.${moment}}}`, container]);
  return stdout.trim();
}

/** Reads the log of a site up to its first acknowledgment. */
async function firstExchange(container: string) {
  const logs = spawn("docker", ["logs", "--follow", container], { stdio: ["ignore", "pipe", "ignore"] });
  using _ = { [Symbol.dispose]: () => void logs.kill() };
  let [runsAt, warnings] = [0, 0];
  for await (const line of createInterface({ input: logs.stdout })) {
    const { time, level, event } = JSON.parse(line) as { time: string; level: number; event: string };
    if (level >= WARNING) warnings += 1;
    if (event === "site-runs") runsAt = Date.parse(time);
    if (event === "message-acknowledged") return { runsAt, acknowledgedAt: Date.parse(time), warnings };
  }
  throw new Error(`${container} ended without an acknowledgment`);
}
