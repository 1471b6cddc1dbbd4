import { once } from "node:events";
import { createServer } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { backOffMs, Courier } from "../../src/commands/deliver.ts";
import { Sender } from "../../src/commands/exchange.ts";
import { runSendLoop } from "../../src/commands/put.ts";
import { readOwnMessage } from "../../src/commands/source.ts";
import { Message } from "../../src/hl7/message.ts";
import type { Refusal } from "../../src/hl7/refusal.ts";
import { writeAcknowledgment } from "../../src/hl7/write-acknowledgment.ts";
import { frame } from "../../src/mllp/frame.ts";
import { FrameDecoder } from "../../src/mllp/frame-decoder.ts";
import { MllpServer } from "../../src/mllp/server.ts";
import { keptLog } from "./kept-log.ts";
import { inFrame, refuse } from "./peer.ts";
import { SiteStore } from "./site-store.ts";

const template = await readOwnMessage("dpi");
const answerer = { application: "EAI", facility: "CHU_X" };
const refusal = (code: "AE" | "AR"): Refusal => ({
  code,
  condition: 207,
  location: "PID^1",
  text: "no PAT-TROIS here",
});

/** Puts messages into an outbox every so often, and brings them to a port, until the stop. */
async function loopTo(port: number, everyMs: number, stop: AbortSignal) {
  using site = new SiteStore();
  const { outbox } = site;
  const { log, logged, events } = keptLog("info");
  const maxPayloadBytes = 100_000;
  const sender = new Sender({ host: "127.0.0.1", port }, { timeoutMs: 2000, maxPayloadBytes });
  await Promise.all([
    new Courier(outbox, sender, log).run(stop),
    runSendLoop({ outbox, template, everyMs, maxPayloadBytes, log, stop }),
  ]);
  return { logged: logged(), events: events() };
}

/** Runs the loop against a listener that answers by turns, until it has answered them all. */
async function runAgainst(turns: ("AA" | "AE" | "AR" | "cut")[], everyMs = 1) {
  const stop = new AbortController();
  const controlIds: string[] = [];
  const server = await MllpServer.listen({
    host: "127.0.0.1",
    port: 0,
    answer: async (received) => {
      if (received.kind !== "payload") return undefined;
      const message = Message.read(received.payload);
      const turn = turns[controlIds.push(message.controlId) - 1];
      if (controlIds.length >= turns.length) stop.abort();
      if (turn === "cut") throw new Error("cut");
      if (turn === "AE" || turn === "AR") return inFrame(refuse(message, refusal(turn)));
      return inFrame(writeAcknowledgment(answerer, message));
    },
  });
  await using _ = server;
  return { controlIds, ...(await loopTo(server.port, everyMs, stop.signal)) };
}

afterEach(() => {
  vi.restoreAllMocks();
});

test("each message has a control ID of its own", async () => {
  const { controlIds, events } = await runAgainst(["AA", "AA", "AA"]);
  expect(new Set(controlIds).size).toBe(3);
  expect(events).toEqual(["message-acknowledged", "message-acknowledged", "message-acknowledged"]);
});

test("a message is sent every so often, not as fast as can be", async () => {
  const startedAt = performance.now();
  await runAgainst(["AA", "AA", "AA"], 50);
  expect(performance.now() - startedAt).toBeGreaterThan(95);
});

test("what a negative acknowledgment says of the patient stays out of the log", async () => {
  const { logged } = await runAgainst(["AE", "AA"]);
  expect(logged).toContain("negative acknowledgment AE");
  expect(logged).not.toContain("PAT-TROIS");
});

test("a listener that closes after each acknowledgment is no lost link", async () => {
  const stop = new AbortController();
  let answered = 0;
  const server = createServer((socket) => {
    const decoder = new FrameDecoder();
    socket.on("data", (chunk) => {
      for (const received of decoder.push(chunk)) {
        if (received.kind !== "payload") continue;
        answered += 1;
        if (answered === 3) stop.abort();
        socket.end(frame(writeAcknowledgment(answerer, Message.read(received.payload))));
      }
    });
  });
  await using _ = server;
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as { port: number };
  const { events } = await loopTo(port, 50, stop.signal);
  expect(events).toEqual(Array(3).fill("message-acknowledged"));
});

test("a listener that closes while the next message is on its way gets that one over a new connection, at once", async () => {
  const stop = new AbortController();
  const arrived: string[] = [];
  const server = createServer((socket) => {
    const decoder = new FrameDecoder();
    let answered = false;
    socket.on("data", (chunk) => {
      for (const received of decoder.push(chunk)) {
        if (received.kind !== "payload") continue;
        const message = Message.read(received.payload);
        if (answered) return void socket.end();
        answered = true;
        if (arrived.push(message.controlId) === 3) stop.abort();
        socket.write(frame(writeAcknowledgment(answerer, message)));
      }
    });
  });
  await using _ = server;
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as { port: number };
  const { events } = await loopTo(port, 1, stop.signal);
  expect(events).toEqual(Array(3).fill("message-acknowledged"));
  expect(new Set(arrived).size).toBe(3);
});

test("a message that cannot be sent at all ends the loop, and is no fault of the link", async () => {
  using site = new SiteStore();
  const { outbox } = site;
  const { log, logged } = keptLog("debug");
  const { signal: stop } = new AbortController();
  const loop = runSendLoop({ outbox, template, everyMs: 1, maxPayloadBytes: 10, log, stop });
  await expect(loop).rejects.toMatchObject({ code: "payload-too-large" });
  expect(logged()).toBe("");
});

test("AE is final: the next message goes on", async () => {
  const { controlIds, events } = await runAgainst(["AE", "AA"]);
  expect(new Set(controlIds).size).toBe(2);
  expect(events).toEqual(["message-negative", "message-set-aside", "message-acknowledged"]);
});

test("AR and silence are not: the same message is sent again, after a pause, until it is taken", async () => {
  // a pause is then half of its full length
  vi.spyOn(Math, "random").mockReturnValue(0);
  const startedAt = performance.now();
  const { controlIds, events } = await runAgainst(["AR", "cut", "AA", "AA"]);
  expect(performance.now() - startedAt).toBeGreaterThan((250 + 500) / 2 - 5);
  expect(controlIds.slice(0, 3)).toEqual(Array(3).fill(controlIds[0]));
  expect(controlIds[3]).not.toBe(controlIds[0]);
  expect(events).toEqual([
    "message-negative",
    "link-lost",
    "link-back",
    "message-acknowledged",
    "message-acknowledged",
  ]);
});

test("the pauses between tries grow, are spread, and stay under their cap", () => {
  const middle = [1, 2, 3, 4, 20].map((tries) => backOffMs(tries, () => 1));
  expect(middle).toEqual([250, 500, 1000, 2000, 20_000]);
  expect(backOffMs(1, () => 0)).toBe(125);
});
