import { expect, test } from "vitest";
import { signalSite, startSandbox } from "./sandbox/index.ts";

test("and healthy again when it goes on, without a line in Stunnel's log from the checks", async () => {
  await using sandbox = await startSandbox({ HEALTH_INTERVAL: "1s" });
  const status = () => sandbox.inspect("dpi", "{{.State.Health.Status}}");
  expect(await status()).toBe("healthy");
  await sandbox.shell("dpi", signalSite("STOP"));
  await expect.poll(status, { timeout: 40_000 }).toBe("unhealthy");
  await sandbox.shell("dpi", signalSite("CONT"));
  await expect.poll(status, { timeout: 20_000 }).toBe("healthy");
  // with the send loop off, whatever connected would have been a health check
  for (const site of ["eai", "dpi"] as const) {
    const told = await sandbox.logs(site);
    expect(told).not.toContain("accepted connection");
    expect(told).not.toMatch(/WARN|ERROR/);
  }
});
