import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { Sender } from "../../src/commands/exchange.ts";
import { stamp } from "../../src/commands/source.ts";
import { Message } from "../../src/hl7/message.ts";
import { MllpServer } from "../../src/mllp/server.ts";
import { type Answer, accept, inFrame, refuse, senderTo, serve, template } from "./peer.ts";

test("a message is acknowledged, and the connection is kept for the next", async () => {
  const peers = new Set<string>();
  await using server = await MllpServer.listen({
    host: "127.0.0.1",
    port: 0,
    answer: async (received, { peer }) => {
      peers.add(peer);
      return received.kind === "payload" ? inFrame(await accept(received.payload)) : undefined;
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

test.each([
  ["acknowledgment-timeout", async () => undefined],
  ["malformed-acknowledgment", async () => Buffer.from("hello")],
  ["malformed-acknowledgment", async () => Buffer.alloc(0)],
])("no success without an acknowledgment: %s", async (code, answer: Answer) => {
  await using server = await serve(answer);
  using sender = senderTo(server, 300);
  await expect(sender.exchange(stamp(template))).rejects.toMatchObject({ code, hint: expect.any(String) });
});

test("where the slowest link is named, a large message has more time than a small one", async () => {
  await using server = await serve(async (payload) => {
    await sleep(250);
    return accept(payload);
  });
  const slow = (leastBytesPerSecond?: number) =>
    new Sender(
      { host: "127.0.0.1", port: server.port },
      { timeoutMs: 120, maxPayloadBytes: 100_000, ...(leastBytesPerSecond && { leastBytesPerSecond }) },
    );
  using impatient = slow();
  await expect(impatient.exchange(stamp(template))).rejects.toMatchObject({ code: "acknowledgment-timeout" });
  using patient = slow(template.payload.length / 5);
  expect((await patient.exchange(stamp(template))).acknowledgment.code).toBe("AA");
});

test("a negative acknowledgment is returned as what it is", async () => {
  const refusal = { code: "AE", condition: 101, location: "PID^1^3", text: "unknown patient" } as const;
  await using server = await serve(async (payload) => refuse(Message.read(payload), refusal));
  using sender = senderTo(server);
  const { acknowledgment } = await sender.exchange(stamp(template));
  expect(acknowledgment).toMatchObject({ code: "AE", details: [expect.stringContaining("unknown patient")] });
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
