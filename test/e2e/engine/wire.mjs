import { subscribe } from "node:diagnostics_channel";

/** Tells of every byte that goes over the sockets of this process, whichever library opened them. */
export function tellBytes(tell) {
  const watch = ({ socket }) => {
    const { write } = socket;
    const told = (chunk, ...others) => {
      tell({ sent: Buffer.from(chunk).toString("base64") });
      return write.call(socket, chunk, ...others);
    };
    // to connect would set it back
    Object.defineProperty(socket, "write", { get: () => told, set: () => {} });
    socket.on("data", (chunk) => tell({ received: Buffer.from(chunk).toString("base64") }));
  };
  subscribe("net.client.socket", watch);
  subscribe("net.server.socket", watch);
}
