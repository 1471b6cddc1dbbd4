import { TunnelConnections } from "../../src/site/tunnel-connections.ts";
import { OwnProbes, parseTunnelLine } from "../../src/site/tunnel-line.ts";
import { refusalIn } from "../../src/watch/refusals.ts";

/** Connections of a Stunnel that takes TLS under these services, and how to let them hear lines as Stunnel writes them. */
export function following(...tlsServices: string[]) {
  const connections = new TunnelConnections(() => tlsServices, refusalIn);
  const probes = new OwnProbes(tlsServices);
  const hear = (...lines: string[]) => {
    for (const line of lines) connections.hear(probes.quiet(parseTunnelLine(line)));
  };
  return { connections, hear };
}

/** Lines of one connection: `LOG5:` becomes `LOG5[7]:`. */
export const numbered = (connection: number | "ui", ...lines: string[]): string[] =>
  lines.map((line) => line.replace(/^LOG(\d): /, `2026.01.15 09:30:00 LOG$1[${connection}]: `));
