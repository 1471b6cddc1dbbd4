import { connect, type Socket } from "node:net";
import { type ErrorCode, reasonOf, SafeTunnelError } from "../errors.ts";
import type { Deadline } from "./deadline.ts";
import { type Endpoint, placeOf } from "./endpoint.ts";
import { framePieces, type Received } from "./frame.ts";
import { FrameDecoder } from "./frame-decoder.ts";

const MAX_WAITING = 100;

const CONNECT_ERRORS: Record<string, [ErrorCode, string]> = {
  ENOTFOUND: ["name-not-resolved", "the name does not resolve"],
  EAI_AGAIN: ["name-not-resolved", "the name does not resolve"],
  ECONNREFUSED: ["connection-refused", "nothing listens there"],
};

/** One MLLP connection, over plain TCP or over TLS of its own: payloads out, whatever comes back in its order. */
export class MllpClient {
  readonly endpoint: Endpoint;
  /** Its near end, as host:port; undefined where it was reset before it was seen to stand. */
  readonly from: string | undefined;
  readonly #socket: Socket;
  readonly #decoder: FrameDecoder;
  readonly #received: Received[] = [];
  #end: { error: SafeTunnelError } | undefined;
  #wake: () => void = () => {};

  private constructor(endpoint: Endpoint, socket: Socket, maxPayloadBytes: number | undefined) {
    this.endpoint = endpoint;
    const { localAddress: host, localPort: port } = socket;
    this.from = host === undefined || port === undefined ? undefined : placeOf({ host, port });
    this.#socket = socket;
    this.#decoder = new FrameDecoder(maxPayloadBytes);
    socket.on("data", (chunk) => this.#deliver(this.#decoder.push(chunk)));
    socket.on("end", () => this.#deliver(this.#decoder.end()));
    socket.on("error", (error) => this.#reset(error));
    socket.on("close", () => this.#fail("connection-closed", "was closed by the other side"));
  }

  /**
   * Opens a connection. Behind a Stunnel this always succeeds and proves nothing about the far side.
   * Throws `name-not-resolved`, `connection-refused`, `connection-timeout`, `connection-failed`.
   */
  static async connect(endpoint: Endpoint, deadline: Deadline, maxPayloadBytes?: number): Promise<MllpClient> {
    const where = placeOf(endpoint);
    const socket = connect({ ...endpoint, noDelay: true });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    deadline.onPass = () => reject();
    socket.once("connect", resolve).once("error", reject);
    try {
      if (deadline.passed) reject();
      await promise;
      socket.removeListener("error", reject);
      return new MllpClient(endpoint, socket, maxPayloadBytes);
    } catch (cause) {
      socket.on("error", () => {}).destroy();
      if (deadline.passed)
        throw new SafeTunnelError("connection-timeout", `no connection to ${where} within ${deadline.timeoutMs} ms`, {
          hint: "a firewall may drop the packets: check host, port and route, or give a longer --timeout",
          cause,
        });
      const systemCode = (cause as NodeJS.ErrnoException).code ?? "";
      // it was taken, and reset before we saw it stand, as by a Stunnel whose tunnel is refused: `receive` tells it
      if (systemCode === "ECONNRESET") return MllpClient.#afterReset(endpoint, socket, cause);
      const known = CONNECT_ERRORS[systemCode];
      const [code, why] = known ?? ["connection-failed", reasonOf(cause)];
      throw new SafeTunnelError(code, `no connection to ${where}: ${why}`, {
        hint: 'start the site with "docker compose up -d", or name another place with --host and --port',
        cause,
      });
    }
  }

  /** Speaks MLLP over a connection that stands already, as over TLS of one's own. */
  static over(endpoint: Endpoint, socket: Socket, maxPayloadBytes?: number): MllpClient {
    return new MllpClient(endpoint, socket, maxPayloadBytes);
  }

  static #afterReset(endpoint: Endpoint, socket: Socket, cause: unknown): MllpClient {
    const client = new MllpClient(endpoint, socket, undefined);
    client.#reset(cause);
    return client;
  }

  /** Whether the connection can still carry a message. */
  get open(): boolean {
    return this.#end === undefined && !this.#socket.destroyed && !this.#socket.readableEnded;
  }

  /** Hands a payload to the socket in one write; that it was sent says nothing about its arrival. */
  send(payload: Uint8Array): void {
    const pieces = framePieces(payload);
    this.#socket.cork();
    for (const piece of pieces) this.#socket.write(piece);
    this.#socket.uncork();
  }

  /**
   * Waits for what comes next, or returns undefined when the deadline passes first.
   * Throws `connection-reset`, `connection-closed`.
   */
  async receive(deadline: Deadline): Promise<Received | undefined> {
    while (true) {
      const next = this.#received.shift();
      if (next) return next;
      if (this.#socket.isPaused()) this.#socket.resume();
      if (this.#end) throw this.#end.error;
      if (deadline.passed) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      deadline.onPass = resolve;
      await promise;
    }
  }

  /** Returns what has come already, or undefined. */
  arrived(): Received | undefined {
    return this.#received.shift();
  }

  /** Calls back once, when the other side ends a connection on which nothing is awaited. */
  onEnd(callback: (error: SafeTunnelError) => void): void {
    this.#socket.once("close", () => this.#end && callback(this.#end.error));
  }

  [Symbol.dispose](): void {
    this.#socket
      .removeAllListeners("close")
      .on("error", () => {})
      .destroy();
  }

  #deliver(found: Received[]): void {
    for (const received of found) this.#received.push(received);
    // nobody waits for a flood: it stays in the peer's memory, not in ours
    if (this.#received.length > MAX_WAITING) this.#socket.pause();
    if (found.length > 0) this.#wake();
  }

  #reset(cause: unknown): void {
    this.#fail("connection-reset", `was reset by the other side (${reasonOf(cause)})`);
  }

  #fail(code: ErrorCode, how: string): void {
    // a reset is followed by a close: the first of the two is the reason
    this.#end ??= {
      error: new SafeTunnelError(code, `the connection to ${placeOf(this.endpoint)} ${how}`, {
        hint:
          code === "connection-reset"
            ? "the tunnel was refused or cut: the log of each site's Stunnel says by whom and why (docker compose logs)"
            : "the tunnel stood but the application behind it did not: see whether the far listener runs",
      }),
    };
    this.#wake();
  }
}
