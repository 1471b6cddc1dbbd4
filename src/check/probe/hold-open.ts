import { connect } from "node:net";
import type { Endpoint } from "../../mllp/endpoint.ts";
import { linesOf } from "./tunnel-log.ts";

/** What the plain port of our own Stunnel shows to whoever connects and says nothing. */
export interface HeldOpen {
  /** "refused": nothing listens; "end": the application behind the tunnel has gone; "reset": the tunnel has. */
  end: "open" | "end" | "reset" | "refused";
  /** What Stunnel said of it where it ended; empty where its log cannot be read. */
  lines: string[];
}

const LOG_LIMIT_MS = 1000;

/** Where our own Stunnel takes plain text, by which service, and where it logs. */
export interface NearTunnel {
  endpoint: Endpoint;
  service: string;
  logPath: string;
}

/** Connects to the plain port of a tunnel, sends nothing, and waits how it ends, at most `holdMs`. */
export async function holdOpen(
  { endpoint, service, logPath }: NearTunnel,
  holdMs: number,
  logLimitMs = LOG_LIMIT_MS,
): Promise<HeldOpen> {
  const { promise, resolve } = Promise.withResolvers<HeldOpen["end"]>();
  const since = new Date();
  let localPort: number | undefined;
  const socket = connect(endpoint, () => {
    localPort = socket.localPort;
  });
  socket
    .on("data", () => {})
    .on("end", () => resolve("end"))
    .on("error", ({ code }: NodeJS.ErrnoException) =>
      resolve(code === "ECONNRESET" || code === "EPIPE" ? "reset" : "refused"),
    );
  const limit = setTimeout(() => resolve("open"), holdMs);
  const end = await promise;
  clearTimeout(limit);
  const isTold = end === "end" || end === "reset";
  const lines = isTold ? await linesOf(logPath, { service, since, localPort }, logLimitMs) : [];
  socket.destroy();
  return { end, lines };
}
