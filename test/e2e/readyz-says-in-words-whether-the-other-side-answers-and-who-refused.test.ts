import { expect, test } from "vitest";
import type { Verdict } from "../../src/watch/readiness.ts";
import { ask, counted, DPI_WITHOUT_LISTENER, scrape, startSandbox } from "./sandbox/index.ts";

test("an application that is down, a revoked certificate, a site that is stopped, and back each time", async () => {
  await using started = await startSandbox({ SEND_EVERY: "1s", HEALTH_INTERVAL: "1s" }, [DPI_WITHOUT_LISTENER]);
  const sandbox = started.withFiles(["docker-compose.yml"]);
  /** Waits until EAI says so, and returns the verdict; between its tries its sender pauses for up to 20 s. */
  const says = async (status: number, words: RegExp): Promise<Verdict> => {
    let seen = { status: 0, body: "{}" };
    const look = async () => {
      seen = await ask(sandbox, "eai", "/readyz");
      return `${seen.status} ${(JSON.parse(seen.body) as Verdict).verdict}`;
    };
    await expect.poll(look, { timeout: 45_000 }).toMatch(new RegExp(`^${status} ${words.source}`));
    return JSON.parse(seen.body) as Verdict;
  };
  const down = await says(503, /the tunnel to dpi stands, but the application behind it does not take the connection$/);
  expect(down).toMatchObject({ ready: false, hint: expect.stringContaining("start the peer's application") });
  // "I run" is another question
  expect((await ask(sandbox, "eai", "/healthz")).status).toBe(200);

  await sandbox.mustCompose("up", "--detach", "--wait", "dpi");
  const back = await says(200, /MDM\^T02 was answered AA in \d+ ms, at /);
  expect(Date.parse(back.since)).toBeGreaterThan(Date.parse(down.since));
  expect(counted(await scrape(sandbox, "eai"), "mllp_link_up")).toEqual({ 'mllp_link_up{leg="eai-to-dpi"}': 1 });
  expect((await ask(sandbox, "dpi", "/readyz")).status).toBe(200);

  await sandbox.mustCompose("run", "--rm", "-T", "certs", "certs", "revoke", "eai");
  await sandbox.mustExec("dpi", "certs", "reload");
  await says(503, /dpi refused us with ".*certificate revoked.*": our certificate CN=eai, .*/);
  const bothLegs = async () => Object.keys(counted(await scrape(sandbox, "eai"), "stunnel_refusals_total")).length;
  await expect.poll(bothLegs, { timeout: 30_000 }).toBe(2);
  const metrics = await scrape(sandbox, "eai");
  expect(metrics).toContain('mllp_link_up{leg="eai-to-dpi"} 0');
  const refusals = counted(metrics, "stunnel_refusals_total");
  // it is shown to DPI on both legs, as client and as server
  expect(Object.keys(refusals).sort()).toEqual([
    'stunnel_refusals_total{leg="dpi-to-eai",cause="revoked",refused_by="far"}',
    'stunnel_refusals_total{leg="eai-to-dpi",cause="revoked",refused_by="far"}',
  ]);
  // the one who refuses says so too, of the leg that EAI sends on
  const here = 'stunnel_refusals_total{leg="eai-to-dpi",cause="revoked",refused_by="here"}';
  expect(counted(await scrape(sandbox, "dpi"), "stunnel_refusals_total")[here]).toBeGreaterThan(0);

  const { code, stderr } = await sandbox.onHost("npm", ["run", "-s", "certs:rotate", "--", "eai"]);
  expect([code, stderr]).toEqual([0, expect.not.stringContaining("error:")]);
  await says(200, /MDM\^T02 was answered AA/);

  await sandbox.mustCompose("stop", "--timeout", "1", "dpi");
  await says(503, /our Stunnel has no connection to dpi: /);
  await sandbox.mustCompose("start", "dpi");
  await says(200, /MDM\^T02 was answered AA/);
});

test("where nothing is sent the link itself is asked, and what that does not prove is said", async () => {
  await using sandbox = await startSandbox();
  const { status, body } = await ask(sandbox, "eai", "/readyz");
  expect([status, JSON.parse(body)]).toEqual([
    200,
    {
      ready: true,
      verdict: "a connection to dpi stands through the tunnel",
      since: expect.any(String),
      notProven: "no message was acknowledged since the site started",
    },
  ]);
  // nothing was sent for it
  expect(await sandbox.received("dpi")).toEqual([]);
});
