import { readFile } from "node:fs/promises";
import { connect } from "node:net";

/** "I run": whether Stunnel lives, the ports of both legs are open, and the listener takes a connection. */
export interface Health {
  healthy: boolean;
  stunnel: boolean;
  /** The ports that should be open and are not. */
  closedPorts: number[];
  /** Whether the listener takes a connection; "off" where an engine listens in its place, which is not ours to judge. */
  listener: boolean | "off";
}

export interface HealthSource {
  stunnelRuns: () => boolean;
  ports: number[];
  /** The port of the site's own listener, where that runs. */
  listenPort: number | undefined;
}

/** Where its connection to the listener comes from: all of 127/8 is this machine, and the others come from 127.0.0.1. */
export const HEALTH_ADDRESS = "127.0.0.2";

/** Looks at a site from inside, without opening a connection through the tunnel, so that no log shows it. */
export async function examine({ stunnelRuns, ports, listenPort }: HealthSource): Promise<Health> {
  const open = await listeningPorts();
  const closedPorts = ports.filter((port) => !open.has(port));
  const listener = listenPort === undefined ? "off" : await takesConnection(listenPort);
  const stunnel = stunnelRuns();
  return { healthy: stunnel && listener !== false && closedPorts.length === 0, stunnel, closedPorts, listener };
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
  const socket = connect({ host: "127.0.0.1", port, localAddress: HEALTH_ADDRESS, timeout: 1000 });
  socket
    .once("connect", () => resolve(true))
    .once("error", () => resolve(false))
    .once("timeout", () => resolve(false));
  const taken = await promise;
  socket.end().destroySoon();
  return taken;
}
