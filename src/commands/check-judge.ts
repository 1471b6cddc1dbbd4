import type { X509Certificate } from "node:crypto";
import { certificateFacts } from "../../stunnel/show.ts";
import { judgeConfiguration } from "../check/configuration/configuration.ts";
import { judgeLoaded } from "../check/configuration/loaded.ts";
import { type Finding, fail, type Place, pass } from "../check/finding.ts";
import { judgeSite } from "../check/own/runs.ts";
import { judgeHandshake } from "../check/peer/handshake.ts";
import { judgeMutual } from "../check/peer/mutual.ts";
import { judgeOffered } from "../check/peer/offered.ts";
import { judgePlainPortsOfPeer, judgeProtocol } from "../check/peer/protocol.ts";
import { judgeFrom } from "../check/place/place-from.ts";
import { type Evidence, placeTo } from "../check/place/place-to.ts";
import { holdOpen } from "../check/probe/hold-open.ts";
import { approach, helloTo, type Link, type Target } from "../check/probe/link.ts";
import { probe } from "../check/probe/probe.ts";
import { reachFirst } from "../check/probe/reach.ts";
import { groupOf } from "../check/questions.ts";
import type { Identity, Report } from "../check/report/report.ts";
import type { Message } from "../hl7/message.ts";
import type { Text } from "../languages.ts";
import { placeOf } from "../mllp/endpoint.ts";
import { judgeExchange, notExchanged } from "./check-exchange.ts";
import { healthOf, judgeFiles, loadedBy, placeOfFrom, probeOwn, servedOf, type Waits } from "./check-own.ts";
import { fromHere, type OwnSide, type Subject } from "./check-subject.ts";

/** What comes of a check beside its findings. */
export type Judged = Pick<Report, "legs" | "identities">;

/** A message that the peer's application is to process, and how long it may take. */
export interface Exchanging {
  message: Message;
  timeoutMs: number;
}

const FAREWELL_MS = 100;

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
  const { plainPorts, own } = subject;
  const { probeMs, plainMs } = waits;
  const now = new Date();
  // before anything else takes time, since it is measured
  const { endpoint, reached, passedOver } = await reachFirst([subject.target.endpoint, ...subject.otherwise]);
  const target = { ...subject.target, endpoint };
  const approached = started(approach(target, reached, probeMs));
  const ownPort = own && started(probeOwn(own, waits));
  const { logPath = "", to: near } = own ?? {};
  const holdNear = async (holdMs: number) =>
    near && (await holdOpen({ endpoint: fromHere(near.accept), service: near.service, logPath }, holdMs));
  // an acknowledgment will prove more than a long hold
  const holdMs = exchanging ? waits.shortHoldMs : waits.longHoldMs;
  const holding = started(holdNear(holdMs));
  const health = own ? await healthOf(own) : undefined;
  if (own) {
    yield* judgeSite(health);
    const loaded = await loadedBy(own);
    yield judgeLoaded(own.conf, loaded?.conf);
    yield* judgeConfiguration(own.conf);
    yield* judgeFiles(own, target.pinned === true, servedOf(own, await ownPort, loaded));
  }
  const link = { ...(await approached), passedOver };
  const holdDirectly = async (forMs: number) =>
    !near && link.baseline?.end === "open" ? await probe(helloTo(target), forMs) : undefined;
  const holdingDirectly = started(holdDirectly(holdMs));
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

  let evidence: Evidence = {
    link,
    near: near && placeOf(near.accept),
    handshake,
    held: await holding,
    heldDirectly: await holdingDirectly,
  };
  const exchanged = await exchangeOver({ target, own }, placeTo(evidence), exchanging);
  if (exchanged.wasCut)
    evidence = {
      ...evidence,
      held: await holdNear(waits.longHoldMs),
      heldDirectly: await holdDirectly(waits.longHoldMs),
    };
  yield judgeTunnel(placeTo(evidence));
  const from = own && (await placeOfFrom(own, health, await ownPort));
  if (from) yield judgeFrom(from);
  yield* exchanged.findings;
  // the last connection of ours that stands in the peer's log is one as it should be
  if (link.baseline?.end === "open") await probe(helloTo(target), probeMs ?? FAREWELL_MS);
  const to = placeTo({ ...evidence, exchange: exchanged.fault });
  return { legs: { to, ...(from && { from }) }, identities: identitiesOf(target, link, now) };
}

/** Lets a promise wait for whoever awaits it later: until then nobody hears of its failure. */
function started<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

async function exchangeOver(
  { target, own }: { target: Target; own: OwnSide | undefined },
  place: Place,
  exchanging: Exchanging | undefined,
) {
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

function judgeTunnel({ code, sentence, hint = sentence }: Place): Finding {
  return code === "works" ? pass("exchange.tunnel", sentence) : fail("exchange.tunnel", sentence, hint);
}

/** Returns every certificate that played a part, each once. */
function identitiesOf(target: Target, { baseline }: Link, now: Date): Identity[] {
  const of = (role: Identity["role"], certificates: X509Certificate[] = []) =>
    certificates.map((certificate) => ({ role, facts: certificateFacts(certificate, now) }));
  const shown = baseline?.certificate;
  return [...of("own", target.chain), ...of("peer", shown ? [shown] : []), ...of("authority", target.authorities)];
}
