import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { site } from "../../eai/site.ts";
import { parseConf } from "../../src/site/stunnel-conf.ts";
import { TunnelConnections } from "../../src/site/tunnel-connections.ts";
import { Metrics } from "../../src/watch/metrics.ts";
import { asSent, type Panel, panelsOf, readDashboard } from "../watch/dashboard.ts";
import { metricsIn } from "../watch/metrics-in.ts";
import { material } from "./material-made.ts";

/** What a site serves, what Prometheus adds by itself, and what alerts.yml records. */
async function servedNames(): Promise<Set<string>> {
  const metrics = new Metrics({
    site,
    simulator: { sends: true, listens: true },
    sending: { types: ["MDM^T02"], everyMs: 20_000, lastAcknowledgedAtMs: 1 },
    receiving: { lastReceivedAtMs: 1 },
    conf: () => parseConf("[mdm_to_dpi]\nclient = yes\n", "stunnel.conf"),
    connections: new TunnelConnections(
      () => [],
      () => undefined,
    ),
    state: {
      outbox: { counts: () => ({ waiting: 0, setAside: 0 }), oldestQueuedAtMs: () => undefined },
      journal: { count: () => 0 },
      sizeBytes: () => 0,
      loaded: () => material(),
    },
  });
  const { text } = await metrics.scrape();
  const served = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = ""]) => name);
  const rules = await readFile("watch/alerts.yml", "utf8");
  const recorded = [...rules.matchAll(/record: (\S+)/g)].map(([, name = ""]) => name);
  return new Set([...served, ...recorded, "up", "ALERTS"]);
}

const served = await servedNames();
const unservedIn = (expr: string) => metricsIn(expr).filter((name) => !served.has(name));

const dashboard = await readDashboard();
const panels = panelsOf(dashboard);
const told = JSON.stringify;

/** What a panel lacks that somebody who looks at it needs. */
function lacksOf({ title, description, fieldConfig, targets }: Panel): string[] {
  return [
    ...(title ? [] : ["a title"]),
    ...(description.endsWith(".") ? [] : ["a description"]),
    ...(fieldConfig.defaults.unit ? [] : ["a unit"]),
    ...(targets.length > 0 ? [] : ["a query"]),
    ...targets.flatMap(({ refId, legendFormat }) => (legendFormat ? [] : [`a legend for ${refId}`])),
    ...(new Set(targets.map(({ refId }) => refId)).size === targets.length ? [] : ["a name of its own for each query"]),
  ];
}

test("each panel has a title, a description, a unit and a legend for each query", () => {
  expect(panels.length).toBeGreaterThan(30);
  expect(panels.flatMap((panel) => lacksOf(panel).map((lack) => `${panel.title} lacks ${lack}`))).toEqual([]);
});

test("and one that has not is named with what it lacks", () => {
  const [first] = panels as [Panel];
  const bare = { ...first, description: "", targets: [{ refId: "A", expr: "up", legendFormat: "" }] };
  expect(lacksOf(bare)).toEqual(["a description", "a legend for A"]);
});

test("the dashboard carries nothing of the Grafana that it was looked at in", () => {
  expect(dashboard).toMatchObject({ uid: "mllp-safetunnel", schemaVersion: 39 });
  expect(dashboard).not.toHaveProperty("id");
  expect(told(dashboard)).not.toMatch(/__inputs|__requires|\$\{DS_/);
  const ids = dashboard.panels.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const sources = panels.map((panel) => told((panel as { datasource?: unknown }).datasource));
  expect(new Set(sources)).toEqual(new Set([told({ type: "prometheus", uid: "prometheus" })]));
});

const SWAPPED: Record<string, string> = { eai: "dpi", dpi: "eai", EAI: "DPI", DPI: "EAI" };

/** The same panel for the other leg: each name of a site in place of the other, twelve columns to the right. */
const mirrored = ({ id: _, gridPos: { x, ...place }, ...rest }: Panel) =>
  `${told(rest).replace(/(?<![a-z])(eai|dpi)(?![a-z])/gi, (site) => SWAPPED[site] ?? site)} ${told({ x: x + 12, ...place })}`;

test("both legs stand side by side: what is asked of one is asked of the other", () => {
  const ofBoth = ["Alerts that fire", "Sites", "Versions"];
  const ofOne = panels.filter(({ title }) => !ofBoth.includes(title));
  const left = ofOne.filter(({ gridPos }) => gridPos.x < 12);
  const right = ofOne.filter(({ gridPos }) => gridPos.x >= 12);
  const asIs = ({ id: _, gridPos: { x, ...place }, ...rest }: Panel) => `${told(rest)} ${told({ x, ...place })}`;
  expect(left.map(mirrored).sort()).toEqual(right.map(asIs).sort());
});

test("no panel lies on another, and none leaves the 24 columns", () => {
  const taken = new Map<string, string>();
  for (const { title, gridPos } of dashboard.panels)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(x).toBeLessThan(24);
        expect(taken.get(`${x} ${y}`), `${title} at ${x} ${y}`).toBeUndefined();
        taken.set(`${x} ${y}`, title);
      }
});

test("the thresholds of the alerts are lines and colours", () => {
  const thresholds = (title: RegExp) =>
    panels
      .filter((panel) => title.test(panel.title))
      .map(({ fieldConfig }) => fieldConfig.defaults.thresholds?.steps.map(({ value }) => value));
  expect(thresholds(/: queue$/)).toEqual(Array(2).fill([null, 100, 500]));
  expect(thresholds(/: failed$/)).toEqual(Array(2).fill([null, 0.01, 0.05]));
  expect(thresholds(/: time to acknowledge$/)).toEqual(Array(2).fill([null, 2]));
  expect(thresholds(/: days left$/)).toEqual(Array(2).fill([null, 7, 30]));
});

test("the metrics of an expression are found among its functions, labels and words", () => {
  const expr = asSent(
    'histogram_quantile(0.5, sum by (le) (rate(a_seconds_bucket{leg="x", code!~"AA|b_c"}[$__rate_interval])))',
  );
  expect(metricsIn(expr)).toEqual(["a_seconds"]);
  expect(metricsIn('(time() - (x_total{site="eai"} > 0)) / 86400 or vector(0) unless on (leg) y offset 1m')).toEqual([
    "x_total",
    "y",
  ]);
});

test("every query asks for metrics that are served, and a wrong name is told", () => {
  const unserved = panels.flatMap(({ title, targets }) =>
    targets.flatMap(({ expr }) => unservedIn(expr).map((name) => `${title}: ${name}`)),
  );
  expect(unserved).toEqual([]);
  expect(unservedIn('sum(rate(mllp_exchange_total{leg="eai-to-dpi"}[1m]))')).toEqual(["mllp_exchange_total"]);
});

test("a panel that names an alert names one that there is", async () => {
  const rules = await readFile("watch/alerts.yml", "utf8");
  const alerts = new Set([...rules.matchAll(/alert: (\w+)/g)].map(([, name]) => name));
  const named = panels.flatMap(({ description }) => description.match(/\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\b/g) ?? []);
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !alerts.has(name))).toEqual([]);
});
