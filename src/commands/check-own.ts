import { existsSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { type Finding, fail, type Place, skip } from "../check/finding.ts";
import { judgeRuns } from "../check/own/runs.ts";
import type { Served } from "../check/own/served.ts";
import { judgeMutual } from "../check/peer/mutual.ts";
import { judgeOwnPlainPorts, judgeProtocol } from "../check/peer/protocol.ts";
import { placeFrom } from "../check/place/place-from.ts";
import { approach, type Link } from "../check/probe/link.ts";
import { reach } from "../check/probe/reach.ts";
import { loggedConnections } from "../check/probe/tunnel-log.ts";
import { placeOf } from "../mllp/endpoint.ts";
import { examine, type Health } from "../site/health.ts";
import { stunnelRuns } from "../site/stunnel-process.ts";
import { askSite } from "./ask-site.ts";
import type { OwnSide } from "./check-subject.ts";

const SITE_LIMIT_MS = 2000;

/** How long connections are held on which nothing is said; undefined is as long as the probe at hand takes usually. */
export interface Waits {
  longHoldMs: number;
  shortHoldMs: number;
  probeMs?: number;
  plainMs?: number;
}

/** Our own TLS port, probed as a peer's is. */
export interface OwnPort {
  link: Link;
  findings: Finding[];
}

/** Asks our own TLS port what a peer is asked, and whether others reach our plain ports. */
export async function probeOwn({ tls, to, from }: OwnSide, { probeMs, plainMs }: Waits): Promise<OwnPort | undefined> {
  if (!tls) return undefined;
  const link = await approach(tls, await reach(tls.endpoint), probeMs);
  const findings: Finding[] = [];
  for await (const finding of judgeMutual(link, "from", probeMs)) findings.push(finding);
  for await (const finding of judgeProtocol(link, "from", plainMs)) findings.push(finding);
  const plain = [to.accept.port, ...(from?.connect ?? []).map(({ port }) => port)];
  return { link, findings: [...findings, await judgeOwnPlainPorts(plain)] };
}

/** Asks the site as its container's health check does; where no site runs, looks in the same way. */
export async function healthOf({ to, from }: OwnSide): Promise<Health | "hangs" | undefined> {
  const told = await askSite("GET", "/healthz", SITE_LIMIT_MS).catch((error: Error) => error);
  if (!(told instanceof Error)) return JSON.parse(told.body) as Health;
  if ((told.cause as NodeJS.ErrnoException).code !== "ECONNREFUSED") return "hangs";
  // only Linux shows its processes and sockets there
  if (!existsSync("/proc/net/tcp")) return undefined;
  const ports = [to.accept.port, ...(from ? [from.accept.port] : [])];
  return await examine({ stunnelRuns, ports, listenPort: from?.connect[0]?.port ?? 0 });
}

/** Judges what the site said of itself. */
export function judgeSite(health: Health | "hangs" | undefined): Finding[] {
  if (health !== "hangs") return health ? judgeRuns(health) : [];
  const what = {
    en: `the site does not answer on its control port within ${SITE_LIMIT_MS} ms: it hangs`,
    fr: `le site ne répond pas sur son port de contrôle en ${SITE_LIMIT_MS} ms : il est figé`,
  };
  const hint = { en: "restart it: docker compose restart", fr: "redémarrez-le : docker compose restart" };
  const unseen = { en: "the site hangs", fr: "le site est figé" };
  return [skip("site.stunnel", unseen, hint), skip("site.ports", unseen, hint), fail("site.listener", what, hint)];
}

/** What our own TLS port showed, and what Stunnel has read where the site says so. */
export async function servedOf({ tls }: OwnSide, port: OwnPort | undefined): Promise<Served | undefined> {
  if (!tls || !port) return undefined;
  const place = placeOf(tls.endpoint);
  const { reached, baseline } = port.link;
  const fingerprint256 = baseline?.certificate?.fingerprint256;
  if (fingerprint256 === undefined) return { place, error: baseline?.words || baseline?.end || reached.state };
  const told = await askSite("GET", "/loaded", SITE_LIMIT_MS).catch(() => undefined);
  const loaded = told && (JSON.parse(told.body) as { digest: string }).digest;
  return { place, fingerprint256, ...(loaded !== undefined && { loaded }) };
}

/** Says how the leg from the peer fares, by the log of our own Stunnel. */
export async function placeOfFrom(
  { from, material, logPath }: OwnSide,
  health: Health | "hangs" | undefined,
  port: OwnPort | undefined,
): Promise<Place | undefined> {
  if (!from) return undefined;
  const listenerDown = health === "hangs" || health?.listener === false;
  // it may live and listen nowhere, after a reload that found a port taken
  const down = port?.link.reached.state !== "open" ? "stunnel" : listenerDown ? "listener" : undefined;
  return placeFrom({
    service: from.service,
    connections: await loggedConnections(logPath),
    ownAddresses: Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)),
    listener: from.connect.map(placeOf).join(", "),
    down,
    ...(material instanceof Error ? { authorities: [] } : material),
  });
}
