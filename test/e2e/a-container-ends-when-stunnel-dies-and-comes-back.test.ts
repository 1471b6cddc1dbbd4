import { expect, test } from "vitest";
import { KILL_STUNNEL, startSandbox } from "./sandbox/index.ts";

test("with a clear last line, and exchanges go on", async () => {
  await using sandbox = await startSandbox({ HEALTH_INTERVAL: "1s" });
  await sandbox.exec("dpi", ["bash", "-c", KILL_STUNNEL]);
  const restarts = () => sandbox.inspect("dpi", "{{.RestartCount}} {{.State.Running}}");
  await expect.poll(restarts, { timeout: 20_000 }).toBe("1 true");
  expect(await sandbox.logs("dpi")).toMatch(/FATAL: site: Stunnel ended \(signal SIGKILL\): this site ends with it\n/);
  await sandbox.mustCompose("up", "--detach", "--wait");
  expect(await sandbox.send("eai")).toMatchObject({ code: "AA" });
  expect(await sandbox.send("dpi")).toMatchObject({ code: "AA" });
});
