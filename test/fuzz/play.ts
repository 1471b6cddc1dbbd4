import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import type { Connection, Ending } from "./generator.ts";
import { MAX_PAYLOAD_BYTES } from "./messages.ts";
import { codesDue, framesIn, readingOf } from "./model.ts";

/** A connection as it went. */
export interface Played {
  stream: Buffer;
  received: Buffer;
  ending: Ending;
  /** From the last that we did until its end. */
  waitedMs: number;
  /** Why it did not come to its end. */
  fault?: string;
}

export interface Circumstances {
  port: number;
  limitMs: number;
  /** Ends the silence of a connection that says nothing more. */
  others?: Promise<unknown>;
}

/** Sends what a connection has to send, and waits until all has come back and the other side has closed. */
export async function play({ chunks, ending }: Connection, { port, limitMs, others }: Circumstances): Promise<Played> {
  const stream = Buffer.concat(chunks);
  const received: Buffer[] = [];
  const within = () => AbortSignal.timeout(limitMs);
  let sinceMs = performance.now();
  let fault: string | undefined;
  const socket = connect({ host: "127.0.0.1", port, noDelay: true, allowHalfOpen: true });
  socket.on("data", (chunk) => received.push(chunk));
  socket.on("error", ({ message }) => {
    fault ??= `it broke: ${message}`;
  });
  try {
    const sending = within();
    await once(socket, "connect", { signal: sending });
    for (const chunk of chunks) await write(socket, chunk, sending);
    if (ending === "silence") {
      await answered(socket, stream, received, within());
      await others;
      sinceMs = performance.now();
    }
    if (ending === "reset") socket.resetAndDestroy();
    else {
      if (ending !== "never") socket.end();
      if (!socket.readableEnded) await once(socket, "end", { signal: within() });
    }
  } catch (error) {
    if ((error as Error).name === "AbortError") fault = `nothing more came for ${limitMs / 1000} s`;
    else fault ??= `it broke: ${(error as Error).message}`;
  } finally {
    socket.destroy();
  }
  const waitedMs = performance.now() - sinceMs;
  return { stream, received: Buffer.concat(received), ending, waitedMs, ...(fault && { fault }) };
}

/** Writes a chunk and lets it go its way before the next one, so that most arrive as they were cut. */
async function write(socket: Socket, chunk: Buffer, signal: AbortSignal): Promise<void> {
  if (!socket.write(chunk)) await once(socket, "drain", { signal });
  await turn();
}

/** Waits for as many acknowledgments as are due without a further byte, whatever became of its messages. */
async function answered(socket: Socket, stream: Buffer, received: Buffer[], signal: AbortSignal): Promise<void> {
  const due = framesIn(stream, MAX_PAYLOAD_BYTES, false).map((frame) => {
    const reading = readingOf(frame);
    const refused = codesDue(reading, "refused").length;
    return reading.whole ? Math.min(refused, codesDue(reading, "accepted").length) : refused;
  });
  const least = due.reduce((sum, count) => sum + count, 0);
  while (!socket.readableEnded && framesIn(Buffer.concat(received), MAX_PAYLOAD_BYTES, false).length < least)
    await once(socket, "data", { signal });
}
