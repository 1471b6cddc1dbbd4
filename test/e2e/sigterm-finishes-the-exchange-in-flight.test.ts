import { expect, test } from "vitest";
import { site as dpi } from "../../dpi/site.ts";
import { readOwnMessage, stamp } from "../../src/commands/source.ts";
import { frame } from "../../src/mllp/frame.ts";
import { bytesWaitOn, follow, PLAIN_PORT, signalSite, startSandbox } from "./sandbox/index.ts";

test("the listener acknowledges the message whose frame had begun, then the site ends with 0", async () => {
  await using sandbox = await startSandbox();
  const template = await readOwnMessage("eai");
  const [whole, cut] = [stamp(template), stamp(template)];
  const bytes = Buffer.concat([frame(whole.payload), frame(cut.payload)]);
  const begun = bytes.length - 4000;
  using sending = follow(sandbox, "eai", ["node", "-e", PLAIN_PORT]);
  // both go in one piece: when the first is acknowledged, the begun frame of the second has arrived with it
  sending.write(bytes.subarray(0, begun));
  await expect.poll(sending.printed, { timeout: 10_000 }).toContain(`MSA|AA|${whole.controlId}\r`);
  const stopped = sandbox.mustCompose("stop", "dpi");
  await expect
    .poll(() => sandbox.logs("dpi"), { timeout: 10_000 })
    .toContain("SIGTERM: finishing the exchanges in flight");
  sending.write(bytes.subarray(begun));
  await expect.poll(sending.printed, { timeout: 10_000 }).toContain(`MSA|AA|${cut.controlId}\r`);
  await stopped;
  expect(await sandbox.logs("dpi")).not.toContain("connections cut");
  expect(await sandbox.logs("dpi")).toContain("DPI has stopped");
  expect(await sandbox.inspect("dpi", "{{.State.ExitCode}}")).toBe("0");
});

test("the send loop waits for the acknowledgment of the message that it has sent", async () => {
  await using sandbox = await startSandbox({ SEND_EVERY: "300ms" });
  await expect.poll(() => sandbox.logs("eai"), { timeout: 10_000 }).toContain("acknowledged AA");
  // DPI stands still, and EAI's message lies there unread; had DPI read one just before, it goes on and stops again
  await sandbox.shell("dpi", signalSite("STOP"));
  const unread = `${bytesWaitOn(dpi.listenPort)} || { ${signalSite("CONT")}; ${signalSite("STOP")}; false; }`;
  const inFlight = async () => (await sandbox.exec("dpi", ["bash", "-c", unread])).code;
  await expect.poll(inFlight, { timeout: 20_000 }).toBe(0);
  const stopped = sandbox.mustCompose("stop", "eai");
  await expect.poll(() => sandbox.logs("eai"), { timeout: 10_000 }).toContain("SIGTERM: finishing");
  await sandbox.shell("dpi", signalSite("CONT"));
  await stopped;
  const told = (await sandbox.logs("eai")).split("SIGTERM: finishing")[1] ?? "";
  expect(told).toMatch(/sent MDM\^T02 .*: acknowledged AA/);
  expect(told).toContain("EAI has stopped");
  expect(await sandbox.inspect("eai", "{{.State.ExitCode}}")).toBe("0");
});
