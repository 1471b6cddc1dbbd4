import { connect } from "node:net";
import { expect, test } from "vitest";
import { StunnelLog } from "./protocol/stunnel-log.ts";
import { type Sandbox, type SiteName, startSandbox } from "./sandbox/index.ts";

const SITES = ["eai", "dpi"] as const;
const CONNECTIONS = 200;

/** Counts the descriptors and the threads that the Stunnel of a site has. */
async function heldBy(sandbox: Sandbox, site: SiteName) {
  const line =
    'for p in /proc/[0-9]*; do [ "$(cat $p/comm)" = stunnel ] && ls $p/fd | wc -l && ls $p/task | wc -l; done';
  const [descriptors = 0, threads = 0] = (await sandbox.shell(site, `${line} 2>/dev/null; true`))
    .split("\n")
    .map(Number);
  return { descriptors, threads };
}

/** Opens connections to the TLS port of a site that never speak, and counts those that the site has ended. */
async function openSilent(sandbox: Sandbox, site: SiteName) {
  const port = await sandbox.tlsPort(site);
  let ended = 0;
  for (let opened = 0; opened < CONNECTIONS; opened += 1)
    connect(port, "127.0.0.1")
      .on("error", () => {})
      .on("close", () => {
        ended += 1;
      })
      // an end is seen only where somebody reads
      .resume();
  return { ended: () => ended };
}

async function expectExchanges(sandbox: Sandbox) {
  const sent = await Promise.all(SITES.map((site) => sandbox.send(site)));
  expect(sent.map(({ code }) => code)).toEqual(["AA", "AA"]);
}

async function expectUnshaken(sandbox: Sandbox) {
  for (const site of SITES)
    expect(await sandbox.inspect(site, "{{.RestartCount}} {{.State.Health.Status}}")).toBe("0 healthy");
}

test("at each site, which is healthy all the while and ends them after TIMEOUTbusy", async () => {
  await using sandbox = await startSandbox({ HEALTH_INTERVAL: "1s" });
  using eai = new StunnelLog(sandbox, "eai");
  using dpi = new StunnelLog(sandbox, "dpi");
  const told = (words: RegExp) => [eai, dpi].map((log) => log.connectionsWith(words).length);
  const held = () => Promise.all(SITES.map((site) => heldBy(sandbox, site)));
  const before = await held();
  const startedAt = performance.now();
  const silent = await Promise.all(SITES.map((site) => openSilent(sandbox, site)));
  const ended = () => silent.map((connections) => connections.ended());
  await expect.poll(() => told(/_from_\w+\] accepted/), { timeout: 9000 }).toEqual([CONNECTIONS, CONNECTIONS]);

  const [during] = await Promise.all([held(), expectExchanges(sandbox)]);
  expect(ended()).toEqual([0, 0]);
  for (const [index, { descriptors, threads }] of before.entries()) {
    expect(during[index]?.descriptors).toBeGreaterThanOrEqual(descriptors + CONNECTIONS);
    expect(during[index]?.threads).toBeGreaterThanOrEqual(threads + CONNECTIONS);
  }
  await expectUnshaken(sandbox);

  await expect.poll(ended, { timeout: 30_000 }).toEqual([CONNECTIONS, CONNECTIONS]);
  expect(performance.now() - startedAt).toBeGreaterThan(9900);
  await expect.poll(() => told(/TIMEOUTbusy exceeded: sending reset$/)).toEqual([CONNECTIONS, CONNECTIONS]);
  await expect.poll(held, { timeout: 10_000 }).toEqual(before);
  await expectExchanges(sandbox);
  await expectUnshaken(sandbox);
});
