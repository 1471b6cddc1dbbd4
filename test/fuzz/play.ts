import { connect, type Socket } from "node:net";
import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";
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
  /** How long to wait for anything that has to come. */
  limitMs: number;
  /** How far apart chunks leave, so that all of them arrive as they were cut; without it most do. */
  paceMs?: number;
  /** Ends the silence of a connection that says nothing more. */
  others?: Promise<unknown>;
}

/** Sends what a connection has to send, and waits until all has come back and the other side has closed. */
export async function play({ chunks, ending }: Connection, circumstances: Circumstances): Promise<Played> {
  const { port, limitMs, paceMs, others } = circumstances;
  const stream = Buffer.concat(chunks);
  const received: Buffer[] = [];
  let sinceMs = performance.now();
  let fault: string | undefined;
  const socket = connect({ host: "127.0.0.1", port, noDelay: true, allowHalfOpen: true });
  socket.on("data", (chunk) => received.push(chunk));
  socket.on("error", ({ message }) => {
    fault ??= `it broke: ${message}`;
  });
  try {
    await upTo("connect", socket, limitMs);
    for (const chunk of chunks) {
      if (!socket.write(chunk)) await upTo("drain", socket, limitMs);
      await (paceMs === undefined ? turn() : pause(paceMs));
    }
    if (ending === "silence") {
      const least = leastDue(stream);
      while (!socket.readableEnded && !socket.closed && acknowledged(received) < least)
        await upTo("data", socket, limitMs);
      await others;
      sinceMs = performance.now();
    }
    if (ending === "reset") socket.resetAndDestroy();
    else {
      if (ending !== "never") socket.end();
      if (!socket.readableEnded) await upTo("end", socket, limitMs);
    }
  } catch (error) {
    fault ??= (error as Error).message;
  } finally {
    socket.destroy();
  }
  const waitedMs = performance.now() - sinceMs;
  return { stream, received: Buffer.concat(received), ending, waitedMs, ...(fault && { fault }) };
}

/** Waits for an event or the end of the connection, whichever comes first, and not for ever. */
async function upTo(event: string, socket: Socket, limitMs: number): Promise<void> {
  if (socket.closed) return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(`nothing more came for ${limitMs / 1000} s`)), limitMs);
  socket.once(event, resolve).once("close", resolve);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    socket.off(event, resolve).off("close", resolve);
  }
}

const acknowledged = (received: Buffer[]) => framesIn(Buffer.concat(received), MAX_PAYLOAD_BYTES, false).length;

/** Returns how many acknowledgments are due without a further byte, whatever became of the messages. */
function leastDue(stream: Buffer): number {
  const due = framesIn(stream, MAX_PAYLOAD_BYTES, false).map((frame) => {
    const reading = readingOf(frame);
    const refused = codesDue(reading, "refused").length;
    return reading.whole ? Math.min(refused, codesDue(reading, "accepted").length) : refused;
  });
  return due.reduce((sum, count) => sum + count, 0);
}
