import { expect, test } from "vitest";
import { readOwnMessage, stamp } from "../../src/commands/source.ts";
import { startSandbox } from "./sandbox/index.ts";

test("the example of the documents takes what it knows, refuses the rest, and none of its words are in a log", async () => {
  await using sandbox = await startSandbox({}, ["docs/examples/handler.yml"]);
  expect(await sandbox.send("eai")).toMatchObject({ code: "AA" });
  const message = stamp(await readOwnMessage("eai"));
  const stranger = message.payload.toString("latin1").replace("279035121518989", "111111111111111");
  const refused = await sandbox.exec("eai", ["send", "-"], { input: Buffer.from(stranger, "latin1") });
  expect(refused.code).toBe(3);
  expect(refused.stdout).toContain("PID^1^3 204^Unknown key identifier^messageErrorCondition this DPI does not know");

  await sandbox.shell("dpi", "touch /tmp/closed");
  const closed = await sandbox.exec("eai", ["send"]);
  expect([closed.code, closed.stdout]).toEqual([3, expect.stringContaining("refused       AR for")]);
  const told = await sandbox.logs("dpi");
  expect(told).toContain("refused with AE, PID^1^3 204: by the application");
  expect(told).not.toContain("does not know the patient");
});
