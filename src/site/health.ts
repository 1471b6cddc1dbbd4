import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { reasonOf, SafeTunnelError } from "../errors.ts";

/** The loopback port on which a site says how it is. */
export const HEALTH_PORT = 9464;

/** "I run": whether Stunnel lives, the ports of both legs are open, and the listener takes a connection. */
interface Health {
  healthy: boolean;
  stunnel: boolean;
  /** The ports that should be open and are not. */
  closedPorts: number[];
  listener: boolean;
}

export interface HealthSource {
  stunnelRuns: () => boolean;
  ports: number[];
  listenPort: number;
}

/** Looks at a site from inside, without opening a connection through the tunnel, so that no log shows it. */
export async function examine({ stunnelRuns, ports, listenPort }: HealthSource): Promise<Health> {
  const open = await listeningPorts();
  const closedPorts = ports.filter((port) => !open.has(port));
  const listener = await takesConnection(listenPort);
  const stunnel = stunnelRuns();
  return { healthy: stunnel && listener && closedPorts.length === 0, stunnel, closedPorts, listener };
}

/** Serves the health of a site as JSON on GET /healthz: 200 where it runs, else 503. Throws `port-in-use`. */
export async function serveHealth(source: HealthSource): Promise<Server> {
  const server = createServer(async (request, response) => {
    if (request.method !== "GET" || request.url !== "/healthz") {
      response.writeHead(404).end();
      return;
    }
    const health = await examine(source);
    response.writeHead(health.healthy ? 200 : 503, { "content-type": "application/json" });
    response.end(`${JSON.stringify(health)}\n`);
  });
  try {
    await once(server.listen(HEALTH_PORT, "127.0.0.1"), "listening");
    return server;
  } catch (cause) {
    throw new SafeTunnelError("port-in-use", `cannot serve the health on port ${HEALTH_PORT}: ${reasonOf(cause)}`, {
      hint: "the site needs this port of its own loopback: move what else listens there",
      cause,
    });
  }
}

const LISTEN_STATE = "0A";

/** Reads the kernel's table of sockets: connecting to Stunnel's plain port would open the leg to the peer. */
async function listeningPorts(): Promise<Set<number>> {
  const tables = await Promise.all(
    ["/proc/net/tcp", "/proc/net/tcp6"].map((path) => readFile(path, "utf8").catch(() => "")),
  );
  const ports = new Set<number>();
  for (const line of tables.join("\n").split("\n")) {
    const [, local = "", , state] = line.trim().split(/\s+/);
    if (state === LISTEN_STATE) ports.add(Number.parseInt(local.split(":")[1] ?? "", 16));
  }
  return ports;
}

async function takesConnection(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: "127.0.0.1", port, timeout: 1000 });
  socket
    .once("connect", () => resolve(true))
    .once("error", () => resolve(false))
    .once("timeout", () => resolve(false));
  const taken = await promise;
  socket.end().destroySoon();
  return taken;
}
