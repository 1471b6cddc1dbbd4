import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT, run, type Sandbox, showTable, startSandbox } from "./sandbox/index.ts";
import { ANSWERS_AND_TRUST } from "./watched/answers-and-trust.ts";
import type { Fault, Faults } from "./watched/faults.ts";
import { LINK } from "./watched/link.ts";
import { fires, resolves, told } from "./watched/notifications.ts";
import { quickConfiguration } from "./watched/quicken.ts";

/** A row of the table that docs/operations.md shows. */
interface Row {
  fault: string;
  alert: string;
  severity: string;
  summary: string;
  mended: string;
  resolved: string;
}

const WATCHED = {
  COMPOSE_PROFILES: "watch",
  // not in Debian, and no alert goes through it
  GRAFANA_PROFILE: "none",
  PROMETHEUS_PORT: "0",
  ALERTMANAGER_PORT: "0",
  ALERT_WEBHOOK: "http://webhook:8080/alerts",
};

async function startWatched(environment: Record<string, string>) {
  const scope = new AsyncDisposableStack();
  const folder = scope.use(await quickConfiguration());
  const settings = { ...WATCHED, ...environment, WATCH_CONFIG: folder.path };
  const sandbox = scope.use(await startSandbox(settings, ["test/e2e/watched/watched.yml"]));
  await hasLooked(sandbox);
  return Object.assign(sandbox, { [Symbol.asyncDispose]: () => scope.disposeAsync() });
}

/** Waits until Prometheus has asked both sites more than once: what was before it came is no news to it. */
async function hasLooked(sandbox: Sandbox): Promise<void> {
  const ask = ["promtool", "query", "instant", "http://prometheus.watch:9090", "count(sum_over_time(up[1m]) > 2)"];
  const answer = async () => (await run("docker", ["exec", `${sandbox.project}-prometheus-1`, ...ask])).stdout;
  await expect.poll(answer, { timeout: 30_000 }).toMatch(/=> 2 @/);
}

/** Breaks one thing, and waits until all has been told that has to be, at its beginning and at its end. */
async function see(sandbox: Sandbox, { name, cause, tells, mended, mend }: Fault): Promise<Row[]> {
  await cause(sandbox);
  const fired = await Promise.all(tells.map((expected) => fires(sandbox, expected)));
  await mend(sandbox);
  const resolved = await Promise.all(tells.map((expected) => resolves(sandbox, expected)));
  return tells.map(({ alert, severity }, index) => ({
    fault: name,
    alert,
    severity,
    summary: fired[index]?.annotations.summary ?? "",
    mended,
    resolved: resolved[index]?.status ?? "",
  }));
}

const tableOf = (rows: Row[]): string =>
  [
    "| fault | alert | summary | mended by | then |",
    "| ----- | ----- | ------- | --------- | ---- |",
    ...rows.map(
      ({ fault, alert, severity, summary, mended, resolved }) =>
        `| ${[fault, `${alert} (${severity})`, summary, mended, resolved].join(" | ")} |`,
    ),
  ].join("\n");

/** Sees the faults of one sandbox: those of a group at once, one group after the other. */
async function seeAll({ environment, groups }: Faults): Promise<Row[]> {
  await using sandbox = await startWatched(environment);
  const rows: Row[] = [];
  for (const group of groups) rows.push(...(await Promise.all(group.map((fault) => see(sandbox, fault)))).flat());
  for (const { labels, annotations } of await told(sandbox))
    expect(annotations.runbook_url).toBe(`docs/operations.md#${labels.alertname?.toLowerCase()}`);
  return rows;
}

test("every alert that is shipped, in a twentieth of its time", { timeout: 300_000 }, async () => {
  // both to their end, since each has a sandbox to remove
  const seen = await Promise.allSettled([LINK, ANSWERS_AND_TRUST].map(seeAll));
  const rows = seen.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
  await showTable("alerts.md", tableOf(rows));
  for (const one of seen) if (one.status === "rejected") throw one.reason;
  const rules = await readFile(join(ROOT, "watch/alerts.yml"), "utf8");
  const shipped = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
  expect([...new Set(rows.map(({ alert }) => alert))].toSorted()).toEqual(shipped.toSorted());
});
