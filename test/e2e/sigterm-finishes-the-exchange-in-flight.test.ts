import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { stamp } from "../../src/commands/source.ts";
import { Message, payloadOfLines } from "../../src/hl7/message.ts";
import { frame } from "../../src/mllp/frame.ts";
import { signalSite, startSandbox } from "./sandbox/index.ts";

/** Passes bytes through the plain port of EAI's tunnel, as they come. */
const PIPE = `
  const { connect } = require("node:net");
  const socket = connect(21010, "127.0.0.1");
  process.stdin.pipe(socket, { end: false });
  socket.on("data", (chunk) => process.stdout.write(chunk)).on("close", () => process.exit(0)).on("error", () => {});`;

test("the listener acknowledges the message whose frame had begun, then the site ends with 0", async () => {
  await using sandbox = await startSandbox();
  const message = stamp(Message.read(payloadOfLines(readFileSync("eai/message.hl7"))));
  const bytes = frame(message.payload);
  const args = ["compose", "-p", sandbox.project, "exec", "-T", "eai", "node", "-e", PIPE];
  const sending = spawn("docker", args, { stdio: ["pipe", "pipe", "inherit"] });
  const answer = text(sending.stdout);
  sending.stdin.write(bytes.subarray(0, 5000));
  // the half frame has gone through both tunnels when DPI's Stunnel has opened the plain side
  await expect.poll(() => sandbox.logs("dpi"), { timeout: 10_000 }).toContain("connected remote server from 127.0.0.1");
  const stopped = sandbox.mustCompose("stop", "dpi");
  await expect
    .poll(() => sandbox.logs("dpi"), { timeout: 10_000 })
    .toContain("SIGTERM: finishing the exchanges in flight");
  sending.stdin.end(bytes.subarray(5000));
  expect(await answer).toContain(`MSA|AA|${message.controlId}\r`);
  await stopped;
  expect(await sandbox.logs("dpi")).toContain("DPI has stopped");
  expect(await sandbox.inspect("dpi", "{{.State.ExitCode}}")).toBe("0");
});

test("the send loop waits for the acknowledgment of the message that it has sent", async () => {
  await using sandbox = await startSandbox({ SEND_EVERY: "300ms" });
  // DPI stands still: EAI's next message stays without an acknowledgment
  await sandbox.shell("dpi", signalSite("STOP"));
  const stopped = sandbox.mustCompose("stop", "eai");
  await expect.poll(() => sandbox.logs("eai"), { timeout: 10_000 }).toContain("SIGTERM: finishing");
  await sandbox.shell("dpi", signalSite("CONT"));
  await stopped;
  const told = (await sandbox.logs("eai")).split("SIGTERM: finishing")[1] ?? "";
  expect(told).toMatch(/sent MDM\^T02 .*: acknowledged AA/);
  expect(told).toContain("EAI has stopped");
  expect(await sandbox.inspect("eai", "{{.State.ExitCode}}")).toBe("0");
});
