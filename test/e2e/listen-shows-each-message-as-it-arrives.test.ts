import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { follow, sharedSandbox } from "./sandbox/index.ts";

test("live, segment by segment, and the listener of the site goes on", async () => {
  const sandbox = sharedSandbox();
  using listening = follow(sandbox, "eai", ["listen", "--last", "0"]);
  const words = "port 22010 is taken: showing what the listener of EAI (port 22010) has stored, live";
  await expect.poll(listening.printedAside, { timeout: 10_000 }).toContain(words);
  const { controlId } = await sandbox.send("dpi");
  const shown = () =>
    listening
      .printed()
      .split(/^(?=\d{4}-)/m)
      .find((message) => message.includes(controlId)) ?? "";
  await expect.poll(shown, { timeout: 10_000 }).toContain("\n  ZFD|");
  const heading = `ADT\\^A01 ${controlId}, 1143 bytes from DPI at CHU_X \\(127\\.0\\.0\\.1:\\d+\\): stored, AA\n`;
  expect(shown()).toMatch(new RegExp(heading));
  expect(shown()).toContain("\n  PID|1||000003");
});

test("where no listener runs on the port, it is the listener, and says how it ended", async () => {
  const line = `
    export DATA_DIR=/dev/shm/alone; mkdir $DATA_DIR; cat >$DATA_DIR/mdm
    listen --port 2575 --json >$DATA_DIR/heard & listener=$!
    until send --port 2575 --json - <$DATA_DIR/mdm; do [ -d /proc/$listener ] || exit 9; done
    kill $listener; wait $listener; echo "ended $?"; cat $DATA_DIR/heard; rm -rf $DATA_DIR`;
  const input = readFileSync("eai/message.hl7");
  const { stdout } = await sharedSandbox().exec("dpi", ["bash", "-c", line], { input });
  const [sent, ended, heard] = stdout.trim().split("\n").slice(-3);
  const { controlId, code } = JSON.parse(sent ?? "");
  expect([code, ended]).toEqual(["AA", "ended 0"]);
  expect(JSON.parse(heard ?? "")).toMatchObject({ controlId, type: "MDM^T02", code: "AA", sizeBytes: 9040 });
});
