import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { type Panel, panelsOf, readDashboard } from "../watch/dashboard.ts";
import { Prometheus } from "../watch/prometheus.ts";
import { withoutData } from "../watch/without-data.ts";
import { type Sandbox, type SiteName, startSandbox } from "./sandbox/index.ts";

/** What a site's plain port leads to: the listener of the other one. */
const PLAIN_PORT = { eai: 21010, dpi: 22010 };

/** Speaks no TLS to the TLS port of a site, and ends when it is cut off. */
async function knock(sandbox: Sandbox, site: SiteName): Promise<void> {
  const closed = Promise.withResolvers<void>();
  const socket = connect(await sandbox.tlsPort(site), "127.0.0.1", () => socket.write("GET / HTTP/1.0\r\n\r\n"));
  socket.on("error", () => {}).on("close", () => closed.resolve());
  socket.resume();
  await closed.promise;
}

/** Makes in the leg of a site what a healthy one has none of: failures, refusals, a repeat, bytes that are no frame. */
async function breakLeg(sandbox: Sandbox, site: SiteName): Promise<void> {
  const own = readFileSync(`${site}/message.hl7`, "utf8");
  const other = own.replace(/MDM\^T02|ADT\^A01/, "ORU^R01");
  for (const _ of Array(4)) expect((await sandbox.exec(site, ["send", "--timeout", "1ms"])).code).toBe(1);
  expect((await sandbox.exec(site, ["send", "-"], { input: other })).code).toBe(3);
  for (const _ of Array(2))
    expect((await sandbox.exec(site, ["send", "--as-is", "-"], { input: own.replaceAll("\n", "\r") })).code).toBe(0);
  await sandbox.shell(site, `printf 'GET / HTTP/1.0\\r\\n\\r\\n' > /dev/tcp/127.0.0.1/${PLAIN_PORT[site]}`);
  await knock(sandbox, site);
}

test("each shows something in a sandbox with traffic and faults, and one for a metric that there is not is named", async () => {
  const from = Date.now() / 1000;
  await using sandbox = await startSandbox({
    COMPOSE_PROFILES: "watch",
    // it is not asked here, and its image cannot be had everywhere
    GRAFANA_PROFILE: "without-grafana",
    PROMETHEUS_PORT: "0",
    ALERTMANAGER_PORT: "0",
    SEND_EVERY: "1s",
  });
  const prometheus = new Prometheus(`http://${await sandbox.placeOf("prometheus", 9090)}`);
  // what is counted before Prometheus first looked is no change to it
  await expect.poll(() => prometheus.instant("mllp_link_up == 1"), { timeout: 30_000 }).toHaveLength(2);
  await Promise.all([breakLeg(sandbox, "eai"), breakLeg(sandbox, "dpi")]);

  const panels = panelsOf(await readDashboard());
  const empty = async () => (await withoutData(prometheus, panels, from)).toSorted();
  await expect
    .poll(empty, { timeout: 60_000, interval: 2000 })
    .toEqual([
      'DPI → EAI: why: up{job="mllp-safetunnel", site="dpi"} == 0',
      'EAI → DPI: why: up{job="mllp-safetunnel", site="eai"} == 0',
    ]);
  await sandbox.mustCompose("stop", "--timeout", "0", "eai", "dpi");
  await expect.poll(empty, { timeout: 30_000, interval: 1000 }).toEqual([]);

  const [first] = panels as [Panel];
  const expr = 'sum(rate(mllp_exchange_total{leg="eai-to-dpi"}[1m]))';
  const wrong = { ...first, title: "wrong", targets: [{ refId: "A", expr, legendFormat: "none" }] };
  expect(await withoutData(prometheus, [...panels, wrong], from)).toEqual([`wrong: ${expr}`]);
});
