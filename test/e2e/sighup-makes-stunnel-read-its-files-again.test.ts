import { expect, test } from "vitest";
import { startSandbox } from "./sandbox/index.ts";

test("without a cut: the kept connection of the loop lives on", async () => {
  await using sandbox = await startSandbox({ SEND_EVERY: "500ms" });
  const told = () => sandbox.logs("eai");
  await expect.poll(told, { timeout: 10_000 }).toMatch(/acknowledged AA/);
  await sandbox.mustCompose("kill", "--signal", "SIGHUP", "eai");
  const after = async () => (await told()).split("SIGHUP: Stunnel reads its configuration")[1] ?? "";
  await expect.poll(after, { timeout: 10_000 }).toMatch(/Configuration successful[\s\S]*acknowledged AA/);
  expect(await after()).not.toMatch(/lost|Service \[mdm_to_dpi\] accepted connection/);
  expect(await sandbox.inspect("eai", "{{.RestartCount}} {{.State.Running}}")).toBe("0 true");
});
