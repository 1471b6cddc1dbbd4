import type { Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { reasonOf } from "../errors.ts";
import { placeOf } from "./endpoint.ts";
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

/** What a listener does with its connections, and which limits they have. */
export interface AnsweringOptions {
  maxPayloadBytes?: number;
  /** How long a frame that has begun may stay silent before it is called unfinished. */
  frameTimeoutMs?: number;
  /** Answers what a connection brought, in its order, or with nothing; a payload is its own until it has answered. */
  answer(received: Received, connection: Connection): Promise<Answer | undefined>;
  /** Hears of a connection when it stands, and once when it has ended, however that came. */
  onOpened?(connection: Connection): void;
  onEnded?(connection: Connection): void;
  /** Hears of an answer that could not be sent, since its connection had ended. */
  onUnsent?(received: Received, connection: Connection): void;
  /** Hears of a connection that broke; one that ends in the ordinary way says nothing. */
  onBroken?(connection: Connection, reason: string): void;
}

const FRAME_TIMEOUT_MS = 30_000;
const TURN_MS = 5;

/** One connection of a listener: what it brings is answered in its order. */
export class ServerConnection {
  readonly #socket: Socket;
  readonly #options: AnsweringOptions;
  readonly #decoder: FrameDecoder;
  readonly #connection: Connection;
  /** What came and was not read yet. */
  readonly #waiting: Buffer[] = [];
  #answering = false;
  /** Whether nothing more comes, and why, where that is out of the ordinary. */
  #over = false;
  #broken: string | undefined;
  #endedByUs = false;
  #endsWhenIdle = false;

  constructor(socket: Socket, options: AnsweringOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#decoder = new FrameDecoder(options.maxPayloadBytes, true);
    this.#connection = { peer: placeOf({ host: socket.remoteAddress ?? "?", port: socket.remotePort ?? 0 }) };
    options.onOpened?.(this.#connection);
    socket.on("data", (chunk) => this.#take(chunk));
    socket.on("end", () => this.#nothingMore());
    socket.on("error", (error) => {
      this.#broken ??= reasonOf(error);
    });
    socket.on("close", () => {
      if (!this.#over) this.#broken ??= "it closed in the middle";
      this.#nothingMore();
      options.onEnded?.(this.#connection);
    });
    socket.setTimeout(options.frameTimeoutMs ?? FRAME_TIMEOUT_MS, () => {
      if (this.#answering) return;
      // a frame that never ends must not hold its sender, nor a place here, for ever
      if (this.#decoder.inFrame) this.#nothingMore();
      else this.#decoder.release();
    });
  }

  /** Ends it, once what is in flight is answered. */
  endWhenIdle(): void {
    this.#endsWhenIdle = true;
    if (!this.#answering && !this.#decoder.inFrame) this.#end();
  }

  /** Cuts it at once. */
  cut(): void {
    this.#socket.destroy();
  }

  /** Takes what it brought; what comes while that is answered waits in the system, and not in our memory. */
  #take(chunk: Buffer): void {
    if (this.#over) return;
    this.#waiting.push(chunk);
    if (this.#answering) this.#socket.pause();
    else void this.#answerAll();
  }

  #nothingMore(): void {
    if (this.#over) return;
    this.#over = true;
    if (!this.#answering) void this.#answerAll();
  }

  async #answerAll(): Promise<void> {
    this.#answering = true;
    try {
      await this.#answerWaiting();
    } catch (error) {
      this.#broken ??= reasonOf(error);
      this.#over = true;
    }
    this.#answering = false;
    if (this.#over) this.#finish();
    else if (this.#endsWhenIdle) this.endWhenIdle();
    else if (this.#socket.isPaused()) this.#socket.resume();
  }

  async #answerWaiting(): Promise<void> {
    let sinceMs = performance.now();
    for (const found of this.#read())
      for (const received of found) {
        await this.#answer(received);
        if (performance.now() - sinceMs <= TURN_MS) continue;
        // a chunk may hold thousands of frames: the other connections have their turn in between
        await setImmediate();
        sinceMs = performance.now();
      }
  }

  /** Returns what each chunk held; the next one is read when all of that is answered, since buffers serve again. */
  *#read(): Iterable<Received[]> {
    for (let chunk = this.#waiting.shift(); chunk; chunk = this.#waiting.shift()) yield this.#decoder.push(chunk);
    // the unfinished frame is what came last
    if (this.#over) yield this.#decoder.end();
  }

  async #answer(received: Received): Promise<void> {
    const answer = await this.#options.answer(received, this.#connection);
    if (answer === undefined) return;
    if (!this.#socket.writable) {
      this.#options.onUnsent?.(received, this.#connection);
      return;
    }
    // a peer that does not read its acknowledgments must not fill our memory with them
    if (!this.#socket.write(answer.bytes)) await drained(this.#socket);
    if (answer.close) this.#end();
  }

  #finish(): void {
    if (this.#broken !== undefined && !this.#endedByUs) this.#options.onBroken?.(this.#connection, this.#broken);
    this.#end();
  }

  #end(): void {
    this.#endedByUs = true;
    this.#socket.end();
    this.#socket.destroySoon();
  }
}

async function drained(socket: Socket): Promise<void> {
  if (socket.destroyed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on("drain", resolve).on("close", resolve);
  await promise;
  socket.off("drain", resolve).off("close", resolve);
}
