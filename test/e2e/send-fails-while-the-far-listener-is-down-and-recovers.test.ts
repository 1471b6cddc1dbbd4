import { expect, test } from "vitest";
import { DPI_WITHOUT_LISTENER, startSandbox } from "./sandbox/index.ts";

test("behind a tunnel that stands, exit 1 and no word of success", async () => {
  await using sandbox = await startSandbox({ HEALTH_INTERVAL: "1s" }, [DPI_WITHOUT_LISTENER]);
  const failed = await sandbox.exec("eai", ["send", "--timeout", "5"]);
  expect(failed.code).toBe(1);
  expect(failed.stdout).toMatch(/^sending .*\n$/);
  expect(failed.stderr).toMatch(/^error: no acknowledgment of MDM\^T02 \S+: the connection to 127\.0\.0\.1:21010 was /);
  expect(failed.stderr).toMatch(/\nhint: .+\n$/);
  // the tunnel itself was accepted: it is the application behind it that is missing
  expect(await sandbox.logs("dpi")).toMatch(/s_connect: connect 127\.0\.0\.1:21010: Connection refused/);

  const whole = sandbox.withFiles(["docker-compose.yml"]);
  await whole.mustCompose("up", "--detach", "--wait", "dpi");
  // DPI was recreated: EAI's Stunnel resolves its name again
  expect(await whole.send("eai")).toMatchObject({ code: "AA" });
});
