import { connect } from "node:net";
import { vi } from "vitest";
import type { StunnelLog } from "./stunnel-log.ts";

/** A connection to the TLS port of a site, which has said what it had to say and waits. */
export interface Attempt {
  /** Its number in the log of the site's Stunnel. */
  connection: string;
  /** What the site has answered so far. */
  answer(): string;
  /** How long it lasted, once the site has ended it. */
  lastedMs(): number | undefined;
}

/** Connects to the TLS port of a site, where nobody else may connect meanwhile, and says these bytes. */
export async function attempt(port: number, log: StunnelLog, bytes: Buffer): Promise<Attempt> {
  const accepted = () => log.connectionsWith(/^Service \[\w+_from_\w+\] accepted connection/);
  const known = accepted().length;
  const startedAt = performance.now();
  let [answer, lastedMs]: [string, number | undefined] = ["", undefined];
  const socket = connect(port, "127.0.0.1");
  socket.on("data", (chunk) => {
    answer += chunk.toString("latin1");
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    lastedMs = performance.now() - startedAt;
  });
  socket.write(bytes);
  const number = () => accepted()[known] ?? Promise.reject(new Error("Stunnel has not told of the connection"));
  const connection = await vi.waitFor(number, { timeout: 10_000 });
  return { connection, answer: () => answer, lastedMs: () => lastedMs };
}
