import { expect } from "vitest";
import { run, type Sandbox } from "../sandbox/index.ts";

/** An alert as Alertmanager tells a webhook of it. */
export interface Told {
  status: "firing" | "resolved";
  labels: Record<string, string>;
  annotations: { summary: string; runbook_url: string };
  startsAt: string;
  endsAt: string;
  fingerprint: string;
}

/** Returns what the webhook was sent so far, in its order. */
export async function told(sandbox: Sandbox): Promise<Told[]> {
  const { stdout } = await run("docker", ["logs", `${sandbox.project}-webhook-1`]);
  return stdout
    .split("\n")
    .filter(Boolean)
    .flatMap((line) => (JSON.parse(line) as { alerts: Told[] }).alerts);
}

/** What has to be told of a fault. */
export interface Expected {
  alert: string;
  /** Labels that tell which leg, and whatever else has to be right. */
  labels: Record<string, string>;
  severity: "warning" | "critical";
  summary: RegExp;
}

const isOf = ({ alert, labels, severity }: Expected, { labels: seen }: Told): boolean =>
  Object.entries({ ...labels, alertname: alert, severity }).every(([name, value]) => seen[name] === value);

/** Waits until the webhook has heard of an alert, with a summary that says what it should; returns the first that did. */
export async function fires(sandbox: Sandbox, expected: Expected): Promise<Told> {
  const heard = async () => (await told(sandbox)).filter((one) => one.status === "firing" && isOf(expected, one));
  const summaries = async () => (await heard()).map(({ annotations }) => annotations.summary);
  await expect
    .poll(summaries, { timeout: 60_000, message: `${expected.alert} fires` })
    .toContainEqual(expect.stringMatching(expected.summary));
  const [first] = (await heard()).filter(({ annotations }) => expected.summary.test(annotations.summary));
  if (!first) throw new Error(`${expected.alert} was not told`);
  return first;
}

/** Waits until the webhook has heard that an alert has ended after it fired; returns what it heard last. */
export async function resolves(sandbox: Sandbox, expected: Expected): Promise<Told> {
  const last = async () => (await told(sandbox)).findLast((one) => isOf(expected, one));
  const status = async () => (await last())?.status;
  await expect.poll(status, { timeout: 60_000, message: `${expected.alert} ends` }).toBe("resolved");
  return (await last()) as Told;
}
