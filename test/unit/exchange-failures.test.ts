import { once } from "node:events";
import { createServer } from "node:net";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { stamp } from "../../src/commands/source.ts";
import { Message } from "../../src/hl7/message.ts";
import { writeAcknowledgment } from "../../src/hl7/write-acknowledgment.ts";
import { MllpClient } from "../../src/mllp/client.ts";
import { Deadline } from "../../src/mllp/deadline.ts";
import type { MllpServer } from "../../src/mllp/server.ts";
import { accept, answerer, senderTo, serve, template } from "./peer.ts";
import { ToldLimit } from "./told-limit.ts";

test("an acknowledgment of another message is no success, and the error names it", async () => {
  await using server = await serve(async () => writeAcknowledgment(answerer, template));
  using sender = senderTo(server, 150);
  await expect(sender.exchange(stamp(template))).rejects.toMatchObject({
    code: "acknowledgment-timeout",
    message: expect.stringContaining(`AA for "${template.controlId}"`),
  });
});

test("a late acknowledgment is not taken for the next message's", async () => {
  using limit = new ToldLimit();
  const late = Promise.withResolvers<void>();
  let first: Buffer | undefined;
  await using server = await serve(async (payload) => {
    if (first) return accept(payload);
    first = Buffer.from(payload);
    limit.pass();
    await late.promise;
    return accept(first);
  });
  using sender = senderTo(server);
  await expect(sender.exchange(stamp(template))).rejects.toMatchObject({ code: "acknowledgment-timeout" });
  late.resolve();
  const next = stamp(template);
  expect((await sender.exchange(next)).acknowledgment.controlId).toBe(next.controlId);
});

test.each([
  ["a start block", "\x0b"],
  ["an end block", "\x1c\r"],
])("a message that holds %s is not sent, since only a part would arrive", async (_, block) => {
  let arrived = 0;
  await using server = await serve(async (payload) => {
    arrived += 1;
    return accept(payload);
  });
  using sender = senderTo(server);
  const unframeable = Message.read(Buffer.concat([template.payload, Buffer.from(`NTE|1||a${block}b\r`)]));
  await expect(sender.exchange(unframeable)).rejects.toMatchObject({ code: "message-unframeable" });
  expect(arrived).toBe(0);
});

test("what came instead is named when the other side closes, too", async () => {
  let closing: MllpServer | undefined;
  closing = await serve(async () => {
    setImmediate(() => void closing?.close(1000));
    return writeAcknowledgment(answerer, template);
  });
  using sender = senderTo(closing);
  await expect(sender.exchange(stamp(template))).rejects.toMatchObject({
    message: expect.stringMatching(new RegExp(`what came instead: AA for "${template.controlId}"`)),
    hint: expect.stringContaining("not to this message"),
  });
});

test("a flood of bytes that are no acknowledgment makes a short error", async () => {
  const flood = createServer((socket) => {
    socket.resume();
    for (let index = 0; index < 500; index += 1) socket.write("noise ".repeat(200));
  });
  await using _ = flood;
  await once(flood.listen(0, "127.0.0.1"), "listening");
  using sender = senderTo({ port: (flood.address() as { port: number }).port }, 300);
  const error = await sender.exchange(stamp(template)).catch((reason) => reason);
  expect(error.message).toContain("bytes outside a frame");
  expect(error.message.length).toBeLessThan(300);
});

/** A thread that takes a connection, resets it as a refused tunnel does, and says so in shared memory. */
const RESETTING = `
  const { createServer } = require("node:net");
  const { parentPort, workerData } = require("node:worker_threads");
  const server = createServer((socket) => {
    socket.resetAndDestroy();
    Atomics.store(workerData, 0, 1);
    Atomics.notify(workerData, 0);
    server.close();
  });
  server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));`;

test("a connection that was reset before it was seen to stand is told like one that was reset after", async () => {
  const reset = new Int32Array(new SharedArrayBuffer(4));
  const [port] = await once(new Worker(RESETTING, { eval: true, workerData: reset }), "message");
  using sender = senderTo({ port });
  const message = stamp(template);
  const failed = sender.exchange(message).catch((error) => error);
  // a tick after the socket connects, so that it hears of the connection and of the reset at once
  process.nextTick(() => Atomics.wait(reset, 0, 0, 2000));
  expect(await failed).toMatchObject({
    code: "connection-reset",
    message: expect.stringMatching(
      new RegExp(`^no acknowledgment of .* ${message.controlId}: .* was reset by the other`),
    ),
    hint: expect.stringContaining("the tunnel was refused or cut"),
  });
});

test("a listener that closes without a word is told apart from one that is not there", async () => {
  let closing: MllpServer | undefined;
  closing = await serve(async () => {
    void closing?.close(0);
    return undefined;
  });
  const { port } = closing;
  using sender = senderTo({ port });
  await expect(sender.exchange(stamp(template))).rejects.toMatchObject({
    code: expect.stringMatching(/^connection-(closed|reset)$/),
  });
  await closing.close(0);
  await expect(sender.exchange(stamp(template))).rejects.toMatchObject({ code: "connection-refused" });
});

test("what cannot be matched or carried is refused before it is sent", async () => {
  let arrived = 0;
  await using server = await serve(async (payload) => {
    arrived += 1;
    return accept(payload);
  });
  using sender = senderTo(server);
  const large = Message.read(Buffer.concat([template.payload, Buffer.alloc(1_000_000)]));
  await expect(sender.exchange(template.withHeader({ 10: "" }))).rejects.toMatchObject({ code: "header-incomplete" });
  await expect(sender.exchange(large)).rejects.toMatchObject({ code: "payload-too-large" });
  expect(arrived).toBe(0);
});

test("a name that does not resolve is named as such", async () => {
  // two dots in a row are no name, which no resolver has to be asked about
  const connecting = MllpClient.connect({ host: "no..host", port: 1 }, Deadline.start(5000));
  await expect(connecting).rejects.toMatchObject({ code: "name-not-resolved" });
});

test("a connection that is not there in time is told with its limit", async () => {
  const passed = Deadline.start(250);
  passed.pass();
  await expect(MllpClient.connect({ host: "127.0.0.1", port: 1 }, passed)).rejects.toMatchObject({
    code: "connection-timeout",
    message: expect.stringContaining("within 250 ms"),
  });
});
