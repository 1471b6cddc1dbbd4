import type { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { certificateFacts } from "../../stunnel/show.ts";
import { judgeConfiguration } from "../check/configuration/configuration.ts";
import { type Finding, fail, type Place, pass, skip, type Text } from "../check/finding.ts";
import { judgeCertificates } from "../check/own/certificates.ts";
import { judgeRuns } from "../check/own/runs.ts";
import type { Served } from "../check/own/served.ts";
import { judgeHandshake } from "../check/peer/handshake.ts";
import { judgeMutual } from "../check/peer/mutual.ts";
import { judgeOffered } from "../check/peer/offered.ts";
import { judgeOwnPlainPorts, judgePlainPortsOfPeer, judgeProtocol } from "../check/peer/protocol.ts";
import { judgeFrom, placeFrom } from "../check/place/place-from.ts";
import { type Evidence, placeTo } from "../check/place/place-to.ts";
import { holdOpen } from "../check/probe/hold-open.ts";
import { approach, helloTo, type Link, type Target } from "../check/probe/link.ts";
import { probe } from "../check/probe/probe.ts";
import { reach } from "../check/probe/reach.ts";
import { loggedConnections } from "../check/probe/tunnel-log.ts";
import { groupOf } from "../check/questions.ts";
import type { Identity, Report } from "../check/report/report.ts";
import type { Message } from "../hl7/message.ts";
import { placeOf } from "../mllp/endpoint.ts";
import { examine, type Health } from "../site/health.ts";
import { stunnelRuns } from "../site/stunnel-process.ts";
import { askSite } from "./ask-site.ts";
import { judgeExchange, notExchanged } from "./check-exchange.ts";
import { fromHere, type OwnSide, type Subject } from "./check-subject.ts";

/** What comes of a check beside its findings. */
export type Judged = Pick<Report, "legs" | "identities">;

/** A message that the peer's application is to process, and how long it may take. */
export interface Exchanging {
  message: Message;
  timeoutMs: number;
}

const SITE_LIMIT_MS = 2000;
const FAREWELL_MS = 100;

/** How long connections are held on which nothing is said; undefined is as long as the probe at hand takes usually. */
export interface Waits {
  longHoldMs: number;
  shortHoldMs: number;
  probeMs?: number;
  plainMs?: number;
}

/** HAProxy tries for 3 s to reach an application that is down, before it ends the connection. */
const WAITS: Waits = { longHoldMs: 3500, shortHoldMs: 800 };

/**
 * Asks every question there is about a subject, and tells the findings in the order of the groups. The legs, and what has
 * to be held for long, are probed beside each other.
 */
export async function* judge(
  subject: Subject,
  exchanging: Exchanging | undefined,
  waits = WAITS,
): AsyncGenerator<Finding, Judged> {
  const { target, plainPorts, own } = subject;
  const { probeMs, plainMs } = waits;
  const now = new Date();
  // before anything else takes time, since it is measured
  const reached = await reach(target.endpoint);
  const approached = approach(target, reached, probeMs);
  const ownPort = own && probeOwn(own, waits);
  // an acknowledgment will prove more than a long hold
  const holdMs = exchanging ? waits.shortHoldMs : waits.longHoldMs;
  const { logPath = "", to: near } = own ?? {};
  const holding = near && holdOpen({ endpoint: fromHere(near.accept), service: near.service, logPath }, holdMs);
  const health = own ? await healthOf(own) : undefined;
  if (own) {
    yield* judgeSite(health);
    yield* judgeConfiguration(own.conf);
    yield* judgeCertificates(own.material, { name: own.site }, await servedOf(own, await ownPort), now);
  }
  const link = await approached;
  const heldDirectly = !near && link.baseline?.end === "open" ? probe(helloTo(target), holdMs) : undefined;
  const handshake = judgeHandshake(link, now);
  yield* handshake;
  yield* await judgeOffered(link, probeMs);
  const ownFindings = async (group: string) =>
    ((await ownPort)?.findings ?? []).filter(({ id }) => groupOf(id) === group);
  yield* judgeMutual(link, "to", probeMs);
  yield* await ownFindings("mutual");
  yield* judgeProtocol(link, "to", plainMs);
  yield await judgePlainPortsOfPeer(link, plainPorts);
  yield* await ownFindings("protocol");

  const held = await holding;
  const evidence: Evidence = {
    link,
    held,
    near: near && placeOf(near.accept),
    handshake,
    heldDirectly: await heldDirectly,
  };
  const place = placeTo(evidence);
  const exchanged = await exchangeOver(subject, place, exchanging);
  const to = placeTo({ ...evidence, exchange: exchanged.fault });
  yield judgeTunnel(to.code === "application-down" ? to : place);
  const from = own && (await placeOfFrom(own, health, await ownPort));
  if (from) yield judgeFrom(from);
  yield* exchanged.findings;
  // the last connection of ours that stands in the peer's log is one as it should be
  if (link.baseline?.end === "open") await probe(helloTo(target), probeMs ?? FAREWELL_MS);
  return { legs: { to, ...(from && { from }) }, identities: identitiesOf(target, link, now) };
}

async function exchangeOver({ target, own }: Subject, place: Place, exchanging: Exchanging | undefined) {
  if (!exchanging) return notExchanged(UNASKED, { en: "ask with --exchange", fr: "demandez avec --exchange" });
  if (place.code !== "works") return notExchanged(NO_LINK, place.hint ?? place.sentence);
  const tunnel = own && fromHere(own.to.accept);
  const direct = tunnel && !target.identity ? undefined : helloTo(target);
  return await judgeExchange({ ...exchanging, tunnel, direct });
}

const UNASKED: Text = {
  en: "the peer's application is given nothing to process unless it is asked for",
  fr: "l'application du pair ne reçoit rien à traiter sans qu'on le demande",
};
const NO_LINK: Text = {
  en: "no connection gets as far as the application",
  fr: "aucune connexion ne va jusqu'à l'application",
};

/** Our own TLS port, probed as a peer's is. */
interface OwnPort {
  link: Link;
  findings: Finding[];
}

async function probeOwn({ tls, to, from }: OwnSide, { probeMs, plainMs }: Waits): Promise<OwnPort | undefined> {
  if (!tls) return undefined;
  const link = await approach(tls, await reach(tls.endpoint), probeMs);
  const findings: Finding[] = [];
  for await (const finding of judgeMutual(link, "from", probeMs)) findings.push(finding);
  for await (const finding of judgeProtocol(link, "from", plainMs)) findings.push(finding);
  const plain = [to.accept.port, ...(from?.connect ?? []).map(({ port }) => port)];
  return { link, findings: [...findings, await judgeOwnPlainPorts(plain)] };
}

/** Asks the site as its container's health check does; where no site runs, looks in the same way. */
async function healthOf({ to, from }: OwnSide): Promise<Health | "hangs" | undefined> {
  const told = await askSite("GET", "/healthz", SITE_LIMIT_MS).catch((error: Error) => error);
  if (!(told instanceof Error)) return JSON.parse(told.body) as Health;
  if ((told.cause as NodeJS.ErrnoException).code !== "ECONNREFUSED") return "hangs";
  // only Linux shows its processes and sockets there
  if (!existsSync("/proc/net/tcp")) return undefined;
  const ports = [to.accept.port, ...(from ? [from.accept.port] : [])];
  return await examine({ stunnelRuns, ports, listenPort: from?.connect[0]?.port ?? 0 });
}

function judgeSite(health: Health | "hangs" | undefined): Finding[] {
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
async function servedOf({ tls }: OwnSide, port: OwnPort | undefined): Promise<Served | undefined> {
  if (!tls || !port) return undefined;
  const place = placeOf(tls.endpoint);
  const { reached, baseline } = port.link;
  const fingerprint256 = baseline?.certificate?.fingerprint256;
  if (fingerprint256 === undefined) return { place, error: baseline?.words || baseline?.end || reached.state };
  const told = await askSite("GET", "/loaded", SITE_LIMIT_MS).catch(() => undefined);
  const loaded = told && (JSON.parse(told.body) as { digest: string }).digest;
  return { place, fingerprint256, ...(loaded !== undefined && { loaded }) };
}

async function placeOfFrom(
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

function judgeTunnel({ code, sentence, hint = sentence }: Place): Finding {
  return code === "works" ? pass("exchange.tunnel", sentence) : fail("exchange.tunnel", sentence, hint);
}

/** Returns every certificate that played a part, each once. */
function identitiesOf(target: Target, { baseline }: Link, now: Date): Identity[] {
  const of = (role: Identity["role"], certificates: X509Certificate[] = []) =>
    certificates.map((certificate) => {
      const { path: _, ...facts } = certificateFacts("", certificate, now);
      return { role, facts };
    });
  const shown = baseline?.certificate;
  return [...of("own", target.chain), ...of("peer", shown ? [shown] : []), ...of("authority", target.authorities)];
}
