import { expect, test } from "vitest";
import { type SiteName, signalSite, startSandbox } from "./sandbox/index.ts";

const SITES: SiteName[] = ["eai", "dpi"];
/** As many as Docker remembers. */
const CHECKS = 5;
const WARNING = 40;

test("and check says of the site what it says", async () => {
  await using sandbox = await startSandbox({ LOG_FORMAT: "json", LOG_LEVEL: "debug", HEALTH_INTERVAL: "1s" });
  for (const site of SITES) {
    const results = async () =>
      (JSON.parse(await sandbox.inspect(site, "{{json .State.Health.Log}}")) as { ExitCode: number }[]).filter(
        ({ ExitCode }) => ExitCode === 0,
      );
    await expect.poll(results, { timeout: 30_000, interval: 500 }).toHaveLength(CHECKS);
    const lines = (await sandbox.logs(site)).trim().split("\n");
    const told = lines.map((line) => JSON.parse(line) as { level: number; msg: string });
    expect(told.length).toBeGreaterThan(0);
    expect(told.filter(({ level }) => level >= WARNING)).toEqual([]);
    // with the send loop off, whoever came to a port would have been a health check
    expect(told.filter(({ msg }) => msg.includes("accepted connection"))).toEqual([]);
  }

  const inGroup = async () => {
    const { stdout } = await sandbox.exec("eai", ["check", "--exchange", "--json"]);
    const { findings } = JSON.parse(stdout) as { findings: { group: string; status: string }[] };
    return findings.filter(({ group }) => group === "site").map(({ status }) => status);
  };
  const health = async () => (await sandbox.exec("eai", ["health"])).code;
  expect([await health(), await inGroup()]).toEqual([0, ["pass", "pass", "pass"]]);
  await sandbox.shell("eai", signalSite("STOP"));
  expect([await health(), await inGroup()]).toEqual([1, expect.arrayContaining(["fail"])]);
});
