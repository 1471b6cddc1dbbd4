import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import type { Received } from "../../src/mllp/frame.ts";
import { FrameDecoder } from "../../src/mllp/frame-decoder.ts";
import { MllpServer } from "../../src/mllp/server.ts";
import { receiveInto } from "./receiver.ts";
import { SiteStore } from "./site-store.ts";

/** Opens the listener of DPI as its site has it, server, receiver and journal, on a loopback port of its own. */
export async function openListener() {
  await using resources = new AsyncDisposableStack();
  const site = resources.use(new SiteStore({ keep: 1_000_000, keepDays: 1 }));
  const { receiver, logged } = await receiveInto(site);
  const server = resources.use(await MllpServer.listen({ host: "127.0.0.1", port: 0, ...receiver.handlers() }));
  const accepted = resources.adopt(new AcceptedSockets(), (sockets) => sockets[Symbol.dispose]());
  const kept = resources.move();
  return {
    port: server.port,
    journal: site.journal,
    logged,
    exchange: (...pieces: Uint8Array[]) => exchange(server.port, pieces, accepted),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** The listener's ends of the connections, which Node announces to whoever asks. */
class AcceptedSockets implements Disposable {
  readonly #sockets = new Map<number | undefined, Socket>();

  constructor() {
    subscribe("net.server.socket", this.#keep);
  }

  readonly #keep = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    this.#sockets.set(socket.remotePort, socket);
  };

  /** Returns the end of a connection that a port of ours has opened, once it is there. */
  async of(port: number | undefined): Promise<Socket> {
    while (true) {
      const socket = this.#sockets.get(port);
      if (socket && this.#sockets.delete(port)) return socket;
      await turn();
    }
  }

  [Symbol.dispose](): void {
    unsubscribe("net.server.socket", this.#keep);
  }
}

/**
 * Sends pieces on a connection of their own, each when the listener has read the one before it, so that a cut is a
 * cut; then closes this half, and returns all payloads that came back until the other half was closed as well.
 */
async function exchange(port: number, pieces: Uint8Array[], accepted: AcceptedSockets): Promise<Buffer[]> {
  const found: Received[] = [];
  const decoder = new FrameDecoder();
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  await once(socket, "connect");
  const far = await accepted.of(socket.localPort);
  const closed = once(socket, "close");
  socket.on("data", (chunk) => found.push(...decoder.push(chunk)));
  let sentBytes = 0;
  for (const piece of pieces.filter(({ length }) => length > 0)) {
    socket.write(piece);
    sentBytes += piece.length;
    while (far.bytesRead < sentBytes && !far.destroyed) await turn();
    await turn();
  }
  socket.end();
  await closed;
  return [...found, ...decoder.end()].map((received) => {
    if (received.kind === "payload") return received.payload;
    throw new Error(`the listener sent what is no frame: ${JSON.stringify(received)}`);
  });
}
