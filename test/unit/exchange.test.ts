import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { expect, test } from "vitest";
import { Sender } from "../../src/commands/exchange.ts";
import { stamp } from "../../src/commands/source.ts";
import { writeAcknowledgment } from "../../src/hl7/acknowledgment.ts";
import { Message, payloadOfLines } from "../../src/hl7/message.ts";
import { deadlineIn, MllpClient } from "../../src/mllp/client.ts";
import { MllpServer } from "../../src/mllp/server.ts";

const answerer = { application: "DPI", facility: "CHU_X" };
const template = Message.read(payloadOfLines(readFileSync("eai/message.hl7")));

type Answer = (payload: Buffer) => Promise<Uint8Array | undefined>;

const serve = (answer: Answer, options: { frameTimeoutMs?: number; maxPayloadBytes?: number } = {}) =>
  MllpServer.listen({
    host: "127.0.0.1",
    port: 0,
    ...options,
    answer: async (received) => {
      if (received.kind === "payload") return answer(received.payload);
      return received.kind === "outside" ? undefined : Buffer.from(received.kind);
    },
  });
const senderTo = ({ port }: { port: number }, timeoutMs = 2000) =>
  new Sender({ host: "127.0.0.1", port }, { timeoutMs, maxPayloadBytes: 1_000_000 });
const accept: Answer = async (payload) => writeAcknowledgment(answerer, Message.read(payload));

test("a message is acknowledged, and the connection is kept for the next", async () => {
  const peers = new Set<string>();
  await using server = await MllpServer.listen({
    host: "127.0.0.1",
    port: 0,
    answer: async (received, { peer }) => {
      peers.add(peer);
      return received.kind === "payload" ? accept(received.payload) : undefined;
    },
  });
  using sender = senderTo(server);
  for (let index = 0; index < 3; index += 1) {
    const message = stamp(template);
    const { acknowledgment } = await sender.exchange(message);
    expect(acknowledgment).toMatchObject({ code: "AA", controlId: message.controlId });
  }
  expect(peers.size).toBe(1);
});

test("a payload of a megabyte arrives to the byte", async () => {
  const arrived: Buffer[] = [];
  await using server = await serve(async (payload) => {
    arrived.push(Buffer.from(payload));
    return accept(payload);
  });
  using sender = new Sender({ host: "127.0.0.1", port: server.port }, { timeoutMs: 5000, maxPayloadBytes: 2_000_000 });
  const large = Message.read(Buffer.concat([template.payload, Buffer.alloc(1_000_000, "é")]));
  await sender.exchange(large);
  expect(arrived[0]?.equals(large.payload)).toBe(true);
});

test("an acknowledgment of another message is no success, and the error names it", async () => {
  await using server = await serve(async () => writeAcknowledgment(answerer, template));
  using sender = senderTo(server, 150);
  await expect(sender.exchange(stamp(template))).rejects.toMatchObject({
    code: "acknowledgment-timeout",
    message: expect.stringContaining(`AA for "${template.controlId}"`),
  });
});

test("a late acknowledgment is not taken for the next message's", async () => {
  const late = Promise.withResolvers<void>();
  let first: Buffer | undefined;
  await using server = await serve(async (payload) => {
    if (first) return accept(payload);
    first = Buffer.from(payload);
    await late.promise;
    return accept(first);
  });
  using sender = senderTo(server, 500);
  await expect(sender.exchange(stamp(template))).rejects.toMatchObject({ code: "acknowledgment-timeout" });
  late.resolve();
  const next = stamp(template);
  expect((await sender.exchange(next)).acknowledgment.controlId).toBe(next.controlId);
});

test.each([
  ["acknowledgment-timeout", async () => undefined],
  ["malformed-acknowledgment", async () => Buffer.from("hello")],
  ["malformed-acknowledgment", async () => Buffer.alloc(0)],
])("no success without an acknowledgment: %s", async (code, answer: Answer) => {
  await using server = await serve(answer);
  using sender = senderTo(server, 150);
  await expect(sender.exchange(stamp(template))).rejects.toMatchObject({ code, hint: expect.any(String) });
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
  await expect(sender.exchange(unframeable)).rejects.toMatchObject({ code: "malformed-frame" });
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

test("a negative acknowledgment is returned as what it is", async () => {
  const refusal = { code: "AE", condition: 101, location: "PID^1^3", text: "unknown patient" } as const;
  await using server = await serve(async (payload) => writeAcknowledgment(answerer, Message.read(payload), refusal));
  using sender = senderTo(server);
  const { acknowledgment } = await sender.exchange(stamp(template));
  expect(acknowledgment).toMatchObject({ code: "AE", details: [expect.stringContaining("unknown patient")] });
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
  const connecting = MllpClient.connect({ host: "no..host", port: 1 }, deadlineIn(5000));
  await expect(connecting).rejects.toMatchObject({ code: "name-not-resolved" });
});

test("a connection that is not there in time is told with its limit", async () => {
  const passed = { timeoutMs: 250, signal: AbortSignal.abort() };
  await expect(MllpClient.connect({ host: "127.0.0.1", port: 1 }, passed)).rejects.toMatchObject({
    code: "connection-timeout",
    message: expect.stringContaining("within 250 ms"),
  });
});

test("a kept connection that the other side ends between two messages is told", async () => {
  const server = await serve(accept);
  using sender = senderTo(server);
  const ended = Promise.withResolvers<{ code: string }>();
  sender.onIdleEnd = ended.resolve;
  await sender.exchange(stamp(template));
  await server.close(1000);
  expect(await ended.promise).toMatchObject({ code: "connection-closed" });
});

test("a connection that says nothing holds up nobody", async () => {
  await using server = await serve(accept);
  const silent = connect({ host: "127.0.0.1", port: server.port });
  await once(silent, "connect");
  using sender = senderTo(server);
  expect((await sender.exchange(stamp(template))).acknowledgment.code).toBe("AA");
  silent.destroy();
});

test("closing lets the exchange in flight finish, and takes no new one", async () => {
  const working = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const server = await serve(async (payload) => {
    working.resolve();
    await go.promise;
    return accept(payload);
  });
  using sender = senderTo(server);
  const exchange = sender.exchange(stamp(template));
  await working.promise;
  const closed = server.close(5000);
  go.resolve();
  expect((await exchange).acknowledgment.code).toBe("AA");
  expect(await closed).toBe(0);
  await expect(sender.exchange(stamp(template))).rejects.toThrow();
});

test("a port that is taken is an error with a word of its own", async () => {
  await using server = await serve(accept);
  const second = MllpServer.listen({ host: "127.0.0.1", port: server.port, answer: async () => undefined });
  await expect(second).rejects.toMatchObject({ code: "port-in-use" });
});
