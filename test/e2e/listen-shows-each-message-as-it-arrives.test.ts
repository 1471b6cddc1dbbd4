import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { sharedSandbox } from "./sandbox/index.ts";

test("live, segment by segment, and the listener of the site goes on", async () => {
  const sandbox = sharedSandbox();
  const args = ["compose", "-p", sandbox.project, "exec", "-T", "eai", "listen", "--last", "0"];
  const listening = spawn("docker", args, { stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  const ready = Promise.withResolvers<void>();
  createInterface({ input: listening.stderr }).on("line", (line) => /showing what it/.test(line) && ready.resolve());
  createInterface({ input: listening.stdout }).on("line", (line) => lines.push(line));
  await ready.promise;
  const { controlId } = await sandbox.send("dpi");
  const shown = () => {
    const heading = lines.findIndex((line) => line.includes(controlId));
    return heading === -1 ? "" : lines.slice(heading).join("\n");
  };
  await expect.poll(shown, { timeout: 10_000 }).toContain("  ZFD|");
  listening.kill();
  expect(shown()).toMatch(new RegExp(`ADT\\^A01 ${controlId}, 1143 bytes from 127.0.0.1:\\d+: acknowledged AA`));
  expect(shown()).toMatch(/^ {2}PID\|1\|\|000003/m);
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
