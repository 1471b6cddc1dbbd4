import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { reasonOf, SafeTunnelError } from "../errors.ts";
import { type Endpoint, placeOf } from "./endpoint.ts";
import type { Received } from "./frame.ts";
import { FrameDecoder } from "./frame-decoder.ts";

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
  connection: Connection;
  /** What came and was not read yet. */
  waiting: Buffer[];
  answering: boolean;
  /** Whether nothing more comes, and why, where that is out of the ordinary. */
  over?: true;
  broken?: string;
  endedByUs?: true;
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
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#serve(socket));
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

  #serve(socket: Socket): void {
    const decoder = new FrameDecoder(this.#options.maxPayloadBytes, true);
    const peer = placeOf({ host: socket.remoteAddress ?? "?", port: socket.remotePort ?? 0 });
    const link: Link = { socket, decoder, connection: { peer }, waiting: [], answering: false };
    this.#links.add(link);
    socket.on("data", (chunk) => this.#take(link, chunk));
    socket.on("end", () => this.#over(link));
    socket.on("error", (error) => {
      link.broken ??= reasonOf(error);
    });
    socket.on("close", () => {
      this.#links.delete(link);
      if (!link.over) link.broken ??= "it closed in the middle";
      this.#over(link);
    });
    socket.setTimeout(this.#options.frameTimeoutMs ?? FRAME_TIMEOUT_MS, () => {
      // a frame that never ends must not hold its sender, nor a place here, for ever
      if (link.answering) return;
      if (decoder.inFrame) this.#over(link);
      else decoder.release();
    });
  }

  /** Takes what a connection brought; what it brings meanwhile waits in the system, and not in our memory. */
  #take(link: Link, chunk: Buffer): void {
    if (link.over) return;
    link.waiting.push(chunk);
    if (link.answering) link.socket.pause();
    else void this.#answerAll(link);
  }

  /** Nothing more comes: what was begun is unfinished. */
  #over(link: Link): void {
    if (link.over) return;
    link.over = true;
    if (!link.answering) void this.#answerAll(link);
  }

  async #answerAll(link: Link): Promise<void> {
    link.answering = true;
    try {
      await this.#answerWaiting(link);
    } catch (error) {
      link.broken ??= reasonOf(error);
      link.over = true;
    }
    link.answering = false;
    if (link.over) this.#finish(link);
    else if (this.#stopping) this.#endIfIdle(link);
    else if (link.socket.isPaused()) link.socket.resume();
  }

  async #answerWaiting(link: Link): Promise<void> {
    let sinceMs = performance.now();
    for (const found of this.#read(link))
      for (const received of found) {
        await this.#answer(link, received);
        if (performance.now() - sinceMs <= TURN_MS) continue;
        // a chunk may hold thousands of frames: the other connections have their turn in between
        await setImmediate();
        sinceMs = performance.now();
      }
  }

  /** Returns what each chunk held; the next one is read when all of that is answered, since buffers serve again. */
  *#read(link: Link): Iterable<Received[]> {
    for (let chunk = link.waiting.shift(); chunk; chunk = link.waiting.shift()) yield link.decoder.push(chunk);
    if (link.over) yield link.decoder.end();
  }

  async #answer(link: Link, received: Received): Promise<void> {
    const { socket, connection } = link;
    const answer = await this.#options.answer(received, connection);
    if (answer === undefined) return;
    if (!socket.writable) {
      this.#options.onUnsent?.(received, connection);
      return;
    }
    // a peer that does not read its acknowledgments must not fill our memory with them
    if (!socket.write(answer.bytes)) await drained(socket);
    if (answer.close) this.#end(link);
  }

  #finish(link: Link): void {
    if (link.broken !== undefined && !link.endedByUs) this.#options.onBroken?.(link.connection, link.broken);
    this.#end(link);
  }
}

async function drained(socket: Socket): Promise<void> {
  if (socket.destroyed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on("drain", resolve).on("close", resolve);
  await promise;
  socket.off("drain", resolve).off("close", resolve);
}
