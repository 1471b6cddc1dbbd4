import { existsSync } from "node:fs";
import type { Finding, Place } from "../check/finding.ts";
import { mergeByService } from "../check/own/by-service.ts";
import { judgeCertificates } from "../check/own/certificates.ts";
import type { SiteHealth } from "../check/own/runs.ts";
import type { Served } from "../check/own/served.ts";
import { judgeMutual } from "../check/peer/mutual.ts";
import { NO_HANDSHAKE } from "../check/peer/next.ts";
import { judgeOwnPlainPorts, judgeProtocol } from "../check/peer/protocol.ts";
import { placeFrom } from "../check/place/place-from.ts";
import { approach, type Link } from "../check/probe/link.ts";
import { ownAddresses, reach, tryConnection } from "../check/probe/reach.ts";
import { loggedConnections } from "../check/probe/tunnel-log.ts";
import { reasonOf } from "../errors.ts";
import { same } from "../languages.ts";
import { placeOf } from "../mllp/endpoint.ts";
import { examine, type Health } from "../site/health.ts";
import { endpointIn } from "../site/stunnel-conf.ts";
import { stunnelRuns } from "../site/stunnel-process.ts";
import { askSite } from "./ask-site.ts";
import type { ServiceFiles } from "./check-files.ts";
import type { OwnSide } from "./check-subject.ts";

const SITE_LIMIT_MS = 2000;
const ENGINE_LIMIT_MS = 1000;

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
export async function probeOwn(
  { tls, to, from, conf }: OwnSide,
  { probeMs, plainMs }: Waits,
): Promise<OwnPort | undefined> {
  if (!tls) return undefined;
  const link = await approach(tls, await reach(tls.endpoint), probeMs);
  const findings: Finding[] = [];
  for await (const finding of judgeMutual(link, "from", probeMs)) findings.push(finding);
  for await (const finding of judgeProtocol(link, "from", plainMs)) findings.push(finding);
  const behind = (from?.connect ?? []).map(({ port }) => port);
  const onPurpose = (conf.onPurpose ?? []).map(({ line }) => endpointIn(line.replace(/^.*= /, ""), ""));
  return { link, findings: [...findings, await judgeOwnPlainPorts([to.accept.port], behind, onPurpose)] };
}

/** Asks the site as its container's health check does; where no site runs, looks in the same way. */
export async function healthOf({ to, from, listenerOff }: OwnSide): Promise<SiteHealth> {
  const told = await askSite("GET", "/healthz", SITE_LIMIT_MS).catch((error: Error) => error);
  if (!(told instanceof Error) && isHealth(told.body)) return JSON.parse(told.body) as Health;
  if (told instanceof Error && /^no answer within/.test(reasonOf(told.cause))) return "hangs";
  // only Linux shows its processes and sockets there, and a configuration that only sends has no listener
  const listenPort = from?.connect[0]?.port;
  if (!existsSync("/proc/net/tcp") || !from || listenPort === undefined) return undefined;
  const ports = [to.accept.port, from.accept.port];
  if (listenerOff) return await examine({ stunnelRuns, ports, listenPort: undefined });
  return await examine({ stunnelRuns, ports: [...ports, listenPort], listenPort });
}

/** Another program may have taken the port. */
const isHealth = (body: string): boolean => /^\{"healthy":/.test(body);

/** What our own TLS port showed, and what Stunnel has read where the site says so. */
export function servedOf({ tls }: OwnSide, port: OwnPort | undefined, loaded: Loaded | undefined): Served | undefined {
  if (!tls || !port) return undefined;
  const place = placeOf(tls.endpoint);
  const { baseline } = port.link;
  const fingerprint256 = baseline?.certificate?.fingerprint256;
  if (fingerprint256 === undefined) return { place, error: baseline?.words ? same(baseline.words) : NO_HANDSHAKE };
  return { place, fingerprint256, ...(loaded && { loaded: loaded.digest }) };
}

/** What a site says that its Stunnel has read. */
export interface Loaded {
  digest: string;
  conf: string;
}

/** Asks the site what its Stunnel has read; undefined where none says so, or it is not this configuration's. */
export async function loadedBy({ isSites }: OwnSide): Promise<Loaded | undefined> {
  if (!isSites) return undefined;
  const told = await askSite("GET", "/loaded", SITE_LIMIT_MS).catch(() => undefined);
  return told && /^\{"digest":/.test(told.body) ? (JSON.parse(told.body) as Loaded) : undefined;
}

/** Judges the files of both legs, once where they are the same. */
export function judgeFiles(
  { files: { to, from = to }, site }: OwnSide,
  pins: boolean,
  served: Served | undefined,
): Finding[] {
  const now = new Date();
  const judge = ({ service, material }: ServiceFiles, ofPort: Served | undefined) => ({
    service,
    findings: judgeCertificates(material, { name: site, pins }, ofPort, now),
  });
  if (from.paths === to.paths) return judge(to, served).findings;
  // only a service that takes TLS serves a certificate
  const ofTo = judge(to, undefined);
  return mergeByService([
    judge(from, served),
    { ...ofTo, findings: ofTo.findings.filter(({ id }) => id !== "certificates.served") },
  ]);
}

/** Says how the leg from the peer fares, by the log of our own Stunnel. */
export async function placeOfFrom(
  { from, files, logPath, listenerOff }: OwnSide,
  health: SiteHealth,
  port: OwnPort | undefined,
): Promise<Place | undefined> {
  if (!from) return undefined;
  // Stunnel goes to the next one where the first does not take a connection
  const listenerDown = listenerOff
    ? from.connect.length > 0 &&
      (await Promise.all(from.connect.map((engine) => tryConnection(engine, ENGINE_LIMIT_MS)))).every(Boolean)
    : health === "hangs" || health?.listener === false;
  // it may live and listen nowhere, after a reload that found a port taken
  const down = port?.link.reached.state !== "open" ? "stunnel" : listenerDown ? "listener" : undefined;
  return placeFrom({
    service: from.service,
    connections: await loggedConnections(logPath),
    ownAddresses: ownAddresses("all"),
    listener: from.connect.map(placeOf).join(", "),
    down,
    listenerOff,
    chain: files.from?.chain,
    authorities: files.from?.authorities ?? [],
  });
}
