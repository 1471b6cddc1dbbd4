import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { reasonOf, SafeTunnelError } from "../errors.ts";
import { type Endpoint, placeOf } from "./endpoint.ts";
import { FrameDecoder, type Received } from "./frame.ts";

/** A connection as its handler sees it. */
export interface Connection {
  /** The address it came from, as host:port. */
  peer: string;
}

/** What is written back for what came: frames as they are to leave; `close` ends the connection behind them. */
export interface Answer {
  bytes: Uint8Array;
  close?: true | undefined;
}

export interface MllpServerOptions extends Endpoint {
  maxPayloadBytes?: number;
  /** How long a frame that has begun may stay silent before it is called unfinished. */
  frameTimeoutMs?: number;
  /** Answers what a connection brought, in its order, or with nothing. */
  answer(received: Received, connection: Connection): Promise<Answer | undefined>;
  /** Hears of an answer that could not be sent, since its connection had ended. */
  onUnsent?(received: Received, connection: Connection): void;
  /** Hears of a connection that broke; one that ends in the ordinary way says nothing. */
  onBroken?(connection: Connection, reason: string): void;
}

interface Link {
  socket: Socket;
  decoder: FrameDecoder;
  answering: boolean;
  endedByUs: boolean;
}

const FRAME_TIMEOUT_MS = 30_000;
const TURN_MS = 5;

/** Listens on a plain MLLP port; each connection is answered in order, and none waits for another. */
export class MllpServer {
  readonly #server: Server;
  readonly #options: MllpServerOptions;
  readonly #links = new Set<Link>();
  #stopping = false;

  private constructor(options: MllpServerOptions) {
    this.#options = options;
    // a sender may close its half and still wait for the acknowledgment
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => void this.#serve(socket));
  }

  /** Opens the port. Throws `port-in-use`, `connection-failed`. */
  static async listen(options: MllpServerOptions): Promise<MllpServer> {
    const mllp = new MllpServer(options);
    try {
      mllp.#server.listen({ host: options.host, port: options.port });
      await once(mllp.#server, "listening");
      return mllp;
    } catch (cause) {
      const inUse = (cause as NodeJS.ErrnoException).code === "EADDRINUSE";
      const why = inUse ? "another program has the port" : reasonOf(cause);
      throw new SafeTunnelError(
        inUse ? "port-in-use" : "connection-failed",
        `cannot listen on ${placeOf(options)}: ${why}`,
        { hint: "give another port with --port, or stop what listens there", cause },
      );
    }
  }

  /** The port it has, which the system chose where 0 was asked for. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Takes no new connection, lets what is in flight be answered, and returns how many it had to cut after `graceMs`. */
  async close(graceMs: number): Promise<number> {
    this.#stopping = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const link of this.#links) this.#endIfIdle(link);
    let cut = 0;
    const timer = setTimeout(() => {
      cut = this.#links.size;
      for (const { socket } of this.#links) socket.destroy();
    }, graceMs);
    await closed;
    clearTimeout(timer);
    return cut;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close(0);
  }

  #endIfIdle(link: Link): void {
    if (!link.answering && !link.decoder.inFrame) this.#end(link);
  }

  #end(link: Link): void {
    link.endedByUs = true;
    link.socket.end();
    link.socket.destroySoon();
  }

  async #serve(socket: Socket): Promise<void> {
    const decoder = new FrameDecoder(this.#options.maxPayloadBytes);
    const link: Link = { socket, decoder, answering: false, endedByUs: false };
    const connection = {
      peer: placeOf({ host: socket.remoteAddress ?? "?", port: socket.remotePort ?? 0 }),
    };
    this.#links.add(link);
    let broken: string | undefined;
    socket.on("error", (error) => {
      broken = reasonOf(error);
    });
    socket.on("close", () => this.#links.delete(link));
    socket.setTimeout(this.#options.frameTimeoutMs ?? FRAME_TIMEOUT_MS, () => {
      // a frame that never ends must not hold its sender, nor a place here, for ever
      if (decoder.inFrame && !link.answering)
        void this.#answer(link, connection, decoder.end()).then(() => this.#end(link));
    });
    try {
      for await (const chunk of socket) {
        await this.#answer(link, connection, decoder.push(chunk as Buffer));
        if (this.#stopping) this.#endIfIdle(link);
      }
    } catch (error) {
      broken ??= reasonOf(error);
    }
    await this.#answer(link, connection, decoder.end());
    if (broken !== undefined && !link.endedByUs) this.#options.onBroken?.(connection, broken);
    this.#end(link);
  }

  async #answer(link: Link, connection: Connection, found: Received[]): Promise<void> {
    link.answering = true;
    let sinceMs = performance.now();
    for (const received of found) {
      const answer = await this.#options.answer(received, connection);
      if (performance.now() - sinceMs > TURN_MS) {
        // a chunk may hold thousands of frames: the other connections have their turn in between
        await setImmediate();
        sinceMs = performance.now();
      }
      if (answer === undefined) continue;
      if (!link.socket.writable) {
        this.#options.onUnsent?.(received, connection);
        continue;
      }
      // a peer that does not read its acknowledgments must not fill our memory with them
      if (!link.socket.write(answer.bytes)) await drained(link.socket);
      if (answer.close) this.#end(link);
    }
    link.answering = false;
  }
}

async function drained(socket: Socket): Promise<void> {
  if (socket.destroyed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on("drain", resolve).on("close", resolve);
  await promise;
  socket.off("drain", resolve).off("close", resolve);
}
