import { expect, test } from "vitest";
import { sendCommand } from "../../src/commands/send.ts";
import { Message } from "../../src/hl7/message.ts";
import { writeAcknowledgment } from "../../src/hl7/write-acknowledgment.ts";
import { runIn } from "./command-in-process.ts";
import { accept, answerer, serve } from "./peer.ts";
import { linesOf } from "./queue-kit.ts";
import { Scratch } from "./scratch.ts";

/** Sends to a listener that notes what arrives, and refuses the messages of these numbers. */
async function send(parameters: string[], refused: number[] = []) {
  using scratch = new Scratch();
  const arrived: string[] = [];
  await using server = await serve(async (payload) => {
    const message = Message.read(payload);
    const isRefused = refused.includes(arrived.push(message.controlId));
    return isRefused ? writeAcknowledgment(answerer, message, "AE") : await accept(payload);
  });
  const run = await runIn(scratch.folder, sendCommand(), "--port", String(server.port), ...parameters);
  // lines that come close behind each other are written together, a moment later
  const lines = () => scratch.read("log/send.log").split("\n").filter(Boolean);
  await expect.poll(() => lines().length, { interval: 1 }).toBe(arrived.length);
  const logged = lines();
  const documents = run.stdout.startsWith("{") ? linesOf(run).map((line) => JSON.parse(line)) : [];
  return { ...run, arrived, logged, documents };
}

test("--warm-up sends before, and the summary does not count it", async () => {
  const { arrived, documents } = await send(["--warm-up", "3", "--count", "2", "--summary", "--json"]);
  expect(new Set(arrived).size).toBe(5);
  expect(documents).toEqual([expect.objectContaining({ event: "summary", exchanges: 2, codes: { AA: 2 } })]);
});

test("what is refused in the warm-up is no success either", async () => {
  const { code, documents } = await send(["--warm-up", "2", "--count", "1", "--summary", "--json"], [1]);
  expect([code, documents[0].codes]).toEqual([3, { AA: 1 }]);
});

test("--summary says nothing but the summary, of one message too", async () => {
  const { code, stdout } = await send(["--summary"]);
  expect([code, linesOf({ stdout }).length]).toEqual([0, 2]);
  expect(stdout).toMatch(/^exchanges\tcodes\t.*\n1\tAA 1\t/);
});

test("--summary hides no refusal", async () => {
  const { code, stdout } = await send(["--summary", "--count", "2"], [2]);
  expect([code, stdout]).toEqual([3, expect.stringContaining("refused       AE for")]);
});

test("each message of a run is logged, the last one too, on however many connections", async () => {
  const { arrived, logged } = await send(["--count", "7", "--connections", "3"]);
  const named = logged.map((line) => JSON.parse(line).controlId);
  expect(named.toSorted()).toEqual(arrived.toSorted());
});
