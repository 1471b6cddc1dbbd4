import { expect, test } from "vitest";
import { startSandbox } from "./sandbox/index.ts";

/** Which of them depends on how soon the machine's resolver says that the name of a stopped site is gone. */
const NO_ANSWER = expect.stringMatching(/^(connection-reset|connection-closed|acknowledgment-timeout)$/);

test("exit 1 and no word of success, and the loop says once each that the link went and came back", async () => {
  await using sandbox = await startSandbox({ SEND_EVERY: "500ms" });
  await expect.poll(() => sandbox.logs("eai"), { timeout: 10_000 }).toMatch(/sent MDM\^T02 .* acknowledged AA/);
  await sandbox.mustCompose("stop", "dpi");

  const failed = await sandbox.exec("eai", ["send", "--timeout", "15"]);
  expect(failed.code).toBe(1);
  expect(failed.stdout).not.toContain("acknowledged");
  expect(failed.stderr).toMatch(/^error: no acknowledgment of MDM\^T02 .*\nhint: .+\n$/);
  const json = await sandbox.exec("eai", ["send", "--json", "--timeout", "15"]);
  expect(JSON.parse(json.stdout)).toMatchObject({ event: "exchange-failed", code: NO_ANSWER });
  // long enough for the loop to have failed more than once
  const failures = () => sandbox.shell("eai", "grep -c exchange-failed /data/log/send.log");
  await expect.poll(async () => Number(await failures()), { timeout: 20_000 }).toBeGreaterThan(4);

  await sandbox.mustCompose("start", "dpi");
  await expect.poll(() => sandbox.logs("eai"), { timeout: 40_000 }).toContain("is back after");
  const told = await sandbox.logs("eai");
  expect(told.match(/link through 127\.0\.0\.1:21010 lost: /g)).toHaveLength(1);
  expect(told.match(/link through 127\.0\.0\.1:21010 is back after \d+ ms/g)).toHaveLength(1);
  expect((await sandbox.exec("eai", ["send"])).code).toBe(0);
});
