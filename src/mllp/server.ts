import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { reasonOf, SafeTunnelError } from "../errors.ts";
import { type Endpoint, placeOf } from "./endpoint.ts";
import { type AnsweringOptions, ServerConnection } from "./server-connection.ts";

export type MllpServerOptions = Endpoint & AnsweringOptions;

/** Listens on a plain MLLP port; each connection is answered in order, and none waits for another. */
export class MllpServer {
  readonly #server: Server;
  readonly #connections = new Set<ServerConnection>();

  private constructor(options: MllpServerOptions) {
    // a sender may close its half and still wait for the acknowledgment
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      const connection = new ServerConnection(socket, options);
      this.#connections.add(connection);
      socket.on("close", () => this.#connections.delete(connection));
    });
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
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections) connection.endWhenIdle();
    let cut = 0;
    const timer = setTimeout(() => {
      cut = this.#connections.size;
      for (const connection of this.#connections) connection.cut();
    }, graceMs);
    await closed;
    clearTimeout(timer);
    return cut;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close(0);
  }
}
