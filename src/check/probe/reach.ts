import { lookup } from "node:dns/promises";
import { connect, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import type { Text } from "../../languages.ts";
import { type Endpoint, placeOf } from "../../mllp/endpoint.ts";

/** Whether a place is there at all, before a word of TLS. */
export type Reached =
  | { state: "open"; addresses: string[]; connectMs: number }
  | { state: "name-not-resolved"; reason: string }
  | { state: "port-closed" | "packets-dropped"; addresses: string[]; reason: string };

export const REACH_LIMIT_MS = 3000;

/** Resolves the name of a place and opens a TCP connection to it. */
export async function reach({ host, port }: Endpoint, limitMs = REACH_LIMIT_MS): Promise<Reached> {
  const late = pause(limitMs, undefined, { ref: false });
  const found = await Promise.race([
    lookup(host, { all: true }).catch((error: NodeJS.ErrnoException) => error.code ?? "no reason given"),
    late.then(() => `no answer within ${limitMs} ms`),
  ]);
  if (typeof found === "string") return { state: "name-not-resolved", reason: found };
  const addresses = [...new Set(found.map(({ address }) => address))];
  const startedAt = performance.now();
  const reason = await tryConnection({ host, port }, limitMs);
  // what takes a connection and resets it is there
  if (reason === undefined || reason === "ECONNRESET")
    return { state: "open", addresses, connectMs: performance.now() - startedAt };
  // a host that answers for itself says so at once; everything else is a way that does not lead there
  return { state: reason.includes("ECONNREFUSED") ? "port-closed" : "packets-dropped", addresses, reason };
}

/** Reaches several places at once, and takes the first that is there, as Stunnel does; else says why the first is not. */
export async function reachFirst(
  places: [Endpoint, ...Endpoint[]],
): Promise<{ endpoint: Endpoint; reached: Reached; passedOver: string[] }> {
  const tried = await Promise.all(places.map(async (endpoint) => ({ endpoint, reached: await reach(endpoint) })));
  const at = tried.findIndex(({ reached }) => reached.state === "open");
  const [found = tried[0]] = at < 0 ? [] : [tried[at]];
  if (!found) throw new Error("no place to reach");
  const before = tried.slice(0, Math.max(at, 0));
  return { ...found, passedOver: before.map(({ endpoint, reached }) => `${placeOf(endpoint)} (${reasonIn(reached)})`) };
}

const reasonIn = (reached: Reached): string => (reached.state === "open" ? "-" : reached.reason);

/** Returns the addresses of this machine: all of them, or those at which others may reach it. */
export function ownAddresses(which: "all" | "external"): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.filter(({ internal }) => which === "all" || !internal).map(({ address }) => address);
}

/** Returns why no TCP connection could be opened, undefined where one could. */
export async function tryConnection(endpoint: Endpoint, limitMs: number): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = connect(isUnixSocket(endpoint) ? { path: endpoint.host } : endpoint)
    .once("connect", () => resolve(undefined))
    .on("error", (error) => resolve(codesOf(error)));
  return await within(limitMs, socket, promise, () => `no answer within ${limitMs} ms`);
}

const isUnixSocket = ({ host }: Endpoint): boolean => host.startsWith("/");

/** Waits for what comes of a connection, or says what it is when the time is over, and closes it. */
async function within<T>(limitMs: number, socket: Socket, outcome: Promise<T>, late: () => T): Promise<T> {
  const over = Promise.withResolvers<T>();
  const limit = setTimeout(() => over.resolve(late()), limitMs);
  const came = await Promise.race([outcome, over.promise]);
  clearTimeout(limit);
  socket.destroy();
  return came;
}

/** Returns why a place was not reached; the system's own codes are the same in every language. */
export const reasonText = (reason: string): Text => ({
  en: reason,
  fr: reason
    .replaceAll(/no answer within (\d+) ms/g, "pas de réponse en $1 ms")
    .replaceAll("no reason given", "sans raison donnée"),
});

/** Where a name has several addresses, each may fail in its own way. */
function codesOf(error: NodeJS.ErrnoException): string {
  const all = error instanceof AggregateError ? (error.errors as NodeJS.ErrnoException[]) : [error];
  return [...new Set(all.map(({ code }) => code ?? "no reason given"))].join(", ");
}

/** What came back for bytes that are no TLS: nothing while the connection stays, bytes, its end; or it was not reached. */
export type PlainEnd = "silent" | "answered" | "ended" | "unreached";

/** The beginning of an MLLP frame that never ends: no application has anything to process in it. */
const UNFINISHED_FRAME = Buffer.from("\x0bMSH|^~\\&|CHECK|");

/** Sends the beginning of an MLLP frame in plain text, and says how the port took it. */
export async function speakPlain(endpoint: Endpoint, limitMs: number): Promise<PlainEnd> {
  const { promise, resolve } = Promise.withResolvers<PlainEnd>();
  let isUp = false;
  const socket = connect(endpoint, () => {
    isUp = true;
    socket.write(UNFINISHED_FRAME);
  });
  const ended = () => resolve(isUp ? "ended" : "unreached");
  socket
    // a TLS alert is a refusal, which an end follows
    .on("data", ([type, version]) => resolve(type === TLS_ALERT && version === TLS_MAJOR ? "ended" : "answered"))
    .on("error", ended)
    .on("close", ended);
  return await within(limitMs, socket, promise, () => (isUp ? "silent" : "unreached"));
}

const TLS_ALERT = 21;
const TLS_MAJOR = 3;

/** Says whether a port on which nothing is said ends a connection that we half close: somebody lives behind it. */
export async function hangsUp(endpoint: Endpoint, limitMs: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ ...endpoint, allowHalfOpen: true }, () => socket.end());
  socket
    .on("data", () => {})
    .on("end", () => resolve(true))
    .on("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "ECONNRESET" || code === "EPIPE"));
  return await within(limitMs, socket, promise, () => false);
}
