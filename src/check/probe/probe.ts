import type { X509Certificate } from "node:crypto";
import { connect, type SecureVersion, type TLSSocket } from "node:tls";
import type { Endpoint } from "../../mllp/endpoint.ts";

/** Whom a probe shows, both as PEM text; a certificate may have others behind it. */
export interface ShownIdentity {
  certificate: string;
  key: string;
}

/** What a probe offers to a TLS port. It verifies nothing: it has to see what it judges. */
export interface Hello {
  endpoint: Endpoint;
  serverName?: string | undefined;
  identity?: ShownIdentity | undefined;
  version?: SecureVersion;
  /** In OpenSSL's words; without it what Node offers. */
  ciphers?: string | undefined;
  /** One that the port gave before, to be taken up again. */
  session?: Buffer | undefined;
  /** What the port's chain is held against, as PEM. */
  authorities?: string | undefined;
}

/**
 * How a connection ended on which nothing was sent: still "open" when it had been held long enough; by an "alert" of the
 * other side; "closed" or "reset" without one; "not-tls" where what came back is no TLS; "silent" where nothing came;
 * "not-offered" where our own library does not have what was to be offered; "unreached" where no TCP connection stood.
 */
export type ProbeEnd = "open" | "alert" | "closed" | "reset" | "not-tls" | "silent" | "not-offered" | "unreached";

/** What a probe saw. */
export interface Seen {
  end: ProbeEnd;
  /** The library's words for an alert or an error; empty where there was none. */
  words: string;
  /** What the port chose; undefined where it did not come to that. */
  version?: string | undefined;
  suite?: string | undefined;
  certificate?: X509Certificate | undefined;
  /** Why OpenSSL does not believe the port's chain, as Node's code for it; undefined where it does, or had no authorities to go by. */
  disbelief?: string | undefined;
  handshakeMs: number;
  /** What the port gave to take the session up again, and whether this one was taken up. */
  session?: Buffer;
  resumed?: boolean;
}

/**
 * How long a connection is held at least: a client of TLS 1.3 is "connected" before the server has looked at its
 * certificate, and on a long way it hears of it later.
 */
const HOLD_MS = 400;
const HOLD_HANDSHAKES = 3;
const LIMIT_MS = 3000;

/** Connects to a TLS port, sends nothing, and waits until the port ends the connection or `holdMs` have passed. */
export async function probe(hello: Hello, holdMs?: number, limitMs = LIMIT_MS): Promise<Seen> {
  const { promise, resolve } = Promise.withResolvers<ProbeEnd>();
  const startedAt = performance.now();
  const seen: Seen = { end: "open", words: "", handshakeMs: 0 };
  let socket: TLSSocket;
  try {
    socket = open(hello);
  } catch (error) {
    return { ...seen, end: "not-offered", words: wordsOf(error) };
  }
  let isUp = false;
  const limit = setTimeout(() => resolve(isUp ? "silent" : "unreached"), limitMs);
  let hold: NodeJS.Timeout | undefined;
  socket
    .on("connect", () => {
      isUp = true;
    })
    .on("secureConnect", () => {
      clearTimeout(limit);
      seen.handshakeMs = performance.now() - startedAt;
      note(socket, seen, hello);
      seen.resumed = socket.isSessionReused();
      hold = setTimeout(() => resolve("open"), holdMs ?? Math.max(HOLD_MS, HOLD_HANDSHAKES * seen.handshakeMs));
    })
    .on("session", (session) => {
      seen.session = session;
    })
    .on("error", (error) => {
      seen.words = wordsOf(error);
      note(socket, seen, hello);
      // one that was taken and reset at once may never be seen to stand
      const wasTaken = isUp || (error as NodeJS.ErrnoException).code === "ECONNRESET";
      resolve(wasTaken ? endOf(error) : "unreached");
    })
    // what is sent unasked is the application's: it is not ours to read
    .on("data", () => {})
    .on("end", () => resolve("closed"))
    .on("close", () => resolve("closed"));
  seen.end = await promise;
  clearTimeout(limit);
  clearTimeout(hold);
  socket.destroy();
  return seen;
}

/** Opens a connection as a probe does, for whoever has to speak on it. */
export function open({ endpoint, serverName, identity, version, ciphers, session, authorities }: Hello): TLSSocket {
  const socket = connect({
    ...endpoint,
    ...(serverName !== undefined && { servername: serverName }),
    ...(identity && { cert: identity.certificate, key: identity.key }),
    ...(authorities !== undefined && { ca: authorities }),
    ...(session && { session }),
    ...(version && { minVersion: version, maxVersion: version }),
    // weak keys and old versions have to be seen to be judged
    ciphers: `${withOlder(ciphers)}:@SECLEVEL=0`,
    rejectUnauthorized: false,
    // a name that is wrong says nothing about the chain
    checkServerIdentity: () => undefined,
  });
  return socket.setNoDelay(true);
}

/** OpenSSL wants suites of TLS 1.2 in every list, also where only those of 1.3 are offered. */
function withOlder(ciphers = "DEFAULT"): string {
  return ciphers.split(":").every((name) => name.startsWith("TLS_")) ? `${ciphers}:DEFAULT` : ciphers;
}

function note(socket: TLSSocket, seen: Seen, { authorities }: Hello): void {
  const suite = socket.getCipher() as { name: string } | undefined;
  seen.suite ??= suite?.name;
  if (suite) seen.version ??= socket.getProtocol() ?? undefined;
  seen.certificate ??= socket.getPeerX509Certificate();
  if (authorities !== undefined && socket.authorizationError) seen.disbelief ??= String(socket.authorizationError);
}

const wordsOf = (error: unknown): string => {
  const { code = "", message = "" } = error as NodeJS.ErrnoException;
  // OpenSSL's own line has the words in its middle, between ids and file names
  const said = /SSL routines:[^:]*:([^:]+)/.exec(message)?.[1];
  return said ?? (code || message);
};

const NOT_TLS = /WRONG_VERSION_NUMBER|HTTP_REQUEST|PACKET_LENGTH|UNEXPECTED_MESSAGE|BAD_RECORD_TYPE|RECORD_LAYER/;
const NOT_OFFERED = /NO_PROTOCOLS_AVAILABLE|NO_CIPHER|UNSUPPORTED_PROTOCOL_|LIBRARY|INVALID_PROTOCOL/;

function endOf({ code = "", message }: NodeJS.ErrnoException): ProbeEnd {
  if (/ALERT/i.test(code) || /\balert\b/.test(message)) return "alert";
  if (NOT_OFFERED.test(code)) return "not-offered";
  if (NOT_TLS.test(code)) return "not-tls";
  return code === "ECONNRESET" || code === "EPIPE" ? "reset" : "closed";
}
