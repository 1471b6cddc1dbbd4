import { connect } from "node:net";
import type { Endpoint } from "../../mllp/endpoint.ts";
import { connectionFrom } from "./tunnel-log.ts";

/** What the plain port of our own Stunnel shows to whoever connects and says nothing. */
export interface HeldOpen {
  /** "refused": nothing listens; "end": the application behind the tunnel has gone; "reset": the tunnel has. */
  end: "open" | "end" | "reset" | "refused";
  /** What Stunnel said of this connection; empty where its log cannot be read. */
  lines: string[];
}

const LOG_LIMIT_MS = 1000;

/** Connects to the plain port of a tunnel, sends nothing, and waits how it ends, at most `holdMs`. */
export async function holdOpen(endpoint: Endpoint, holdMs: number, logPath: string | undefined): Promise<HeldOpen> {
  const { promise, resolve } = Promise.withResolvers<HeldOpen["end"]>();
  let localPort = 0;
  const socket = connect(endpoint, () => {
    localPort = socket.localPort ?? 0;
  });
  socket
    .on("data", () => {})
    .on("end", () => resolve("end"))
    .on("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "ECONNREFUSED" ? "refused" : "reset"));
  const limit = setTimeout(() => resolve("open"), holdMs);
  const end = await promise;
  clearTimeout(limit);
  const lines =
    logPath === undefined || end === "refused" || localPort === 0
      ? []
      : await connectionFrom(logPath, localPort, end === "open" ? 0 : LOG_LIMIT_MS);
  socket.destroy();
  return { end, lines };
}
