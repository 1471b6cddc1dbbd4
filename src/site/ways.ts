import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";
import type { Endpoint } from "../mllp/endpoint.ts";

/** Returns the interface that has an address of this machine; undefined where none has, or it is loopback's. */
export function interfaceOf(address: string): string | undefined {
  const all = Object.entries(networkInterfaces());
  return all.find(([, ofOne]) => ofOne?.some((one) => one.address === address && !one.internal))?.[0];
}

/** Returns the interfaces by which this machine reaches a place, to which nothing is sent; undefined where it is not known. */
export async function waysTo({ host, port }: Endpoint): Promise<string[] | undefined> {
  const found = await lookup(host, { all: true }).catch(() => []);
  const nearEnds = await Promise.all(found.map(({ address }) => nearEndTo(address, port)));
  const known = nearEnds.filter((address) => address !== undefined);
  if (known.length === 0) return undefined;
  return known.map(interfaceOf).filter((name) => name !== undefined);
}

/** Returns the interfaces that have a default route; a department's own network leads nowhere. */
export async function waysOut(): Promise<string[]> {
  const table = await readFile("/proc/net/route", "utf8").catch(() => "");
  const rows = table.split("\n").map((line) => line.split("\t"));
  return rows.flatMap(([name = "", destination]) => (destination === "00000000" ? [name] : []));
}

/** Says whether a place is reached by a network by which one of the peers is; not where the one or the other is not known. */
export async function isOnWayTo(peers: Endpoint[], place: Endpoint): Promise<boolean> {
  const [ways = [], ...ofPeers] = await Promise.all([place, ...peers].map(waysTo));
  return ways.some((name) => ofPeers.some((ofOne) => ofOne?.includes(name)));
}

/** Returns the own address from which the routes of this machine lead to another one. */
async function nearEndTo(address: string, port: number): Promise<string | undefined> {
  const socket = createSocket(isIPv6(address) ? "udp6" : "udp4").unref();
  try {
    socket.connect(port, address);
    await once(socket, "connect");
    return socket.address().address;
  } catch {
    return undefined;
  } finally {
    socket.close();
  }
}
