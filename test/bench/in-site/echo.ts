/** The ceiling: bytes through the same tunnels that nobody reads, judges or stores. Runs inside a site. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { startClock, summarise } from "../../../src/commands/summary.ts";

/** The first bytes of a connection: how long each request is, and each answer; 0 sends the request itself back. */
const HEAD_BYTES = 8;

/** Answers each request of a connection with as many bytes as its head asks for. */
function serve(port: number): void {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", (first) => {
      const requestBytes = first.readUInt32BE(0);
      const answer = Buffer.alloc(first.readUInt32BE(4));
      let pendingBytes = 0;
      const take = (chunk: Buffer) => {
        if (answer.length === 0) {
          if (!socket.write(chunk)) {
            socket.pause();
            socket.once("drain", () => socket.resume());
          }
          return;
        }
        for (pendingBytes += chunk.length; pendingBytes >= requestBytes; pendingBytes -= requestBytes)
          socket.write(answer);
      };
      socket.on("data", take);
      if (first.length > HEAD_BYTES) take(first.subarray(HEAD_BYTES));
    });
  });
  server.listen(port, "127.0.0.1", () => process.stdout.write("listening\n"));
}

interface Ask {
  port: number;
  requestBytes: number;
  /** 0 where the request itself comes back. */
  answerBytes: number;
  count: number;
  connections: number;
  warmUp: number;
}

/** Asks one request after another on each connection, and prints what "send --json --summary" prints. */
async function ask({ port, requestBytes, answerBytes, count, connections, warmUp }: Ask): Promise<void> {
  const request = Buffer.alloc(requestBytes, "x");
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(requestBytes, 0);
  head.writeUInt32BE(answerBytes, 4);
  const wantedBytes = answerBytes || requestBytes;
  const durationsMs: number[] = [];
  let begun = 0;
  let clock = startClock();
  const total = count + warmUp;
  const run = async () => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    socket.write(head);
    while (begun < total) {
      begun += 1;
      const askedAt = performance.now();
      socket.write(request);
      await answered(socket, wantedBytes);
      if (durationsMs.push(performance.now() - askedAt) === warmUp) clock = startClock();
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: connections }, run));
  const taken = clock();
  const exchanges = durationsMs
    .slice(warmUp)
    .map((ms) => ({ code: "AA" as const, durationMs: ms, sizeBytes: requestBytes }));
  const summary = summarise({ exchanges, ...taken });
  process.stdout.write(`${JSON.stringify({ event: "summary", ...summary })}\n`);
}

/** Waits for so many bytes. */
async function answered(socket: Socket, wantedBytes: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let seenBytes = 0;
  const take = (chunk: Buffer) => {
    seenBytes += chunk.length;
    if (seenBytes < wantedBytes) return;
    socket.off("data", take).off("close", reject);
    resolve();
  };
  socket.on("data", take).on("close", reject);
  await promise;
}

const [what, ...words] = process.argv.slice(2);
const [port = 0, requestBytes = 0, answerBytes = 0, count = 0, connections = 0, warmUp = 0] = words.map(Number);
if (what === "serve") serve(port);
else await ask({ port, requestBytes, answerBytes, count, connections, warmUp });
