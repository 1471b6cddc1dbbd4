import { once } from "node:events";
import { connect } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { frame, type Received } from "../../src/mllp/frame.ts";
import { FrameDecoder } from "../../src/mllp/frame-decoder.ts";
import { MllpServer, type MllpServerOptions } from "../../src/mllp/server.ts";

const textOf = (one: Received) => (one.kind === "payload" ? one.payload.toString() : one.kind);

const answerOf = (text: string) => ({ bytes: frame(Buffer.from(text)) });

/** A listener that answers a payload with "ok" and itself, and whatever is no payload with what it is. */
const serve = (options: Partial<MllpServerOptions> = {}) =>
  MllpServer.listen({
    host: "127.0.0.1",
    port: 0,
    answer: async (received) => answerOf(received.kind === "payload" ? `ok ${received.payload}` : received.kind),
    ...options,
  });

async function connectTo({ port }: MllpServer) {
  const socket = connect({ host: "127.0.0.1", port });
  await once(socket, "connect");
  return Object.assign(socket, { [Symbol.dispose]: () => void socket.destroy() });
}

/** Sends chunks and returns the first answers. */
async function answersTo(server: MllpServer, chunks: (string | Buffer)[], wanted: number): Promise<string[]> {
  using socket = await connectTo(server);
  const decoder = new FrameDecoder();
  const found: string[] = [];
  for (const chunk of chunks) socket.write(chunk);
  for await (const chunk of socket) {
    found.push(...decoder.push(chunk as Buffer).map(textOf));
    if (found.length >= wanted) break;
  }
  return found;
}

test("several frames in one chunk are answered each, in their order", async () => {
  await using server = await serve();
  const chunk = Buffer.concat(["1", "2", "3"].map((one) => frame(Buffer.from(one))));
  expect(await answersTo(server, [chunk], 3)).toEqual(["ok 1", "ok 2", "ok 3"]);
});

test("a frame over the limit is refused, and the next on the same connection is answered", async () => {
  await using server = await serve({ maxPayloadBytes: 10 });
  const chunks = [frame(Buffer.alloc(50_000, "x")), frame(Buffer.from("fits"))];
  expect(await answersTo(server, chunks, 2)).toEqual(["too-large", "ok fits"]);
});

test("a frame that never ends is answered as unfinished after its time", async () => {
  await using server = await serve({ frameTimeoutMs: 50 });
  expect(await answersTo(server, ["\x0bMSH|^~\\&|half"], 1)).toEqual(["unfinished"]);
});

test("a sender that closes its half is still answered", async () => {
  await using server = await serve();
  using socket = await connectTo(server);
  socket.end(frame(Buffer.from("last")));
  const [chunk] = await once(socket, "data");
  expect(new FrameDecoder().push(chunk).map(textOf)).toEqual(["ok last"]);
});

test("a connection that breaks inside a frame is told, with what was left unfinished", async () => {
  const told: string[] = [];
  const broken = Promise.withResolvers<void>();
  await using server = await serve({
    answer: async (received) => {
      told.push(received.kind);
      return undefined;
    },
    onBroken: () => broken.resolve(),
  });
  using socket = await connectTo(server);
  socket.write("\x0bhalf");
  await new Promise((resolve) => socket.write("", resolve));
  socket.resetAndDestroy();
  await broken.promise;
  expect(told.filter((kind) => kind !== "unfinished")).toEqual([]);
});

test("an answer that fails ends its connection and no other", async () => {
  await using server = await serve({
    answer: async (received) => {
      if (textOf(received) === "bad") throw new Error("defect");
      return answerOf("ok");
    },
  });
  expect(await answersTo(server, [frame(Buffer.from("bad"))], 1)).toEqual([]);
  expect(await answersTo(server, [frame(Buffer.from("good"))], 1)).toEqual(["ok"]);
});

test("a sender that does not read its answers is not read from either", async () => {
  const frames = 3000;
  let answered = 0;
  await using server = await serve({
    answer: async () => {
      answered += 1;
      return answerOf("a".repeat(64 * 1024));
    },
  });
  using socket = await connectTo(server);
  socket.pause();
  for (let index = 0; index < frames; index += 1) socket.write(frame(Buffer.from("x")));
  await expect.poll(() => answered).toBeGreaterThan(0);
  for (let index = 0; index < 2000; index += 1) await turn();
  expect(answered).toBeLessThan(frames);
});

test("closing ends an idle connection at once", async () => {
  const server = await serve();
  using socket = await connectTo(server);
  const ended = once(socket.resume(), "end");
  expect(await server.close(60_000)).toBe(0);
  await ended;
});

test("closing cuts after its grace what does not finish, and counts it", async () => {
  const working = Promise.withResolvers<void>();
  const server = await serve({
    answer: () => {
      working.resolve();
      return new Promise(() => {});
    },
  });
  using socket = await connectTo(server);
  socket.write(frame(Buffer.from("x")));
  await working.promise;
  expect(await server.close(20)).toBe(1);
});
