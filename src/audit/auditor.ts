import { meaningsOf } from "../check/dictionary/dictionary.ts";
import { isAccepted } from "../hl7/acknowledgment.ts";
import type { MessageFacts } from "../hl7/claim.ts";
import { timeToTellMs } from "../log/afterwards.ts";
import { legNamesOf, type SiteFacts } from "../site/facts.ts";
import type { PeerChange, TunnelPeer, TunnelPeers } from "../site/tunnel-peers.ts";
import type { Observer } from "../watch/observer.ts";
import { type Kind, OUTCOME, type Outcome, told } from "./record.ts";
import type { Trail } from "./trail.ts";

type Fact<Name extends keyof Observer> = Parameters<Observer[Name]>[0];

/** Writes into the audit trail who connected, what came and went, and what became of it. */
export class Auditor implements Partial<Observer> {
  readonly #trail: Pick<Trail, "append">;
  readonly #peers: TunnelPeers;
  readonly #incoming: string;
  readonly #outgoing: string;
  /** What is said of a peer in each record of its messages, as it is written. */
  readonly #written = new WeakMap<object, string>();

  constructor(trail: Pick<Trail, "append">, peers: TunnelPeers, site: SiteFacts) {
    this.#trail = trail;
    this.#peers = peers;
    const { to, from } = legNamesOf(site);
    this.#incoming = told({ leg: from });
    this.#outgoing = told({ leg: to });
    peers.onChange = (change, who) => this.#changed(change, who);
  }

  received(fact: Fact<"received">): void {
    const { peer, code, journalId, repeat, sizeBytes } = fact;
    const number = journalId === undefined ? "" : `,"${repeat ? "repeatOf" : "journalId"}":${journalId}`;
    const outcome = journalId === undefined ? OUTCOME.major : outcomeOf(code);
    const what = `${aboutOf(fact)},"sizeBytes":${sizeBytes},"code":"${code}"${number}`;
    this.#tell("import", outcome, `${this.#incoming},${this.#behind(peer)},${what}`);
  }

  frameRefused({ reason, peer, code }: Fact<"frameRefused">): void {
    this.#tell("import", OUTCOME.serious, `${this.#incoming},${this.#behind(peer)},${told({ reason, code })}`);
  }

  exchanged(fact: Fact<"exchanged">): void {
    const { code, sizeBytes } = fact;
    const what = `${aboutOf(fact)},"sizeBytes":${sizeBytes},"code":"${code}"`;
    this.#tell("export", outcomeOf(code), `${this.#outgoing},${this.#far()}${what}`);
  }

  exchangeFailed(fact: Fact<"exchangeFailed">): void {
    const what = `${aboutOf(fact)},${told({ error: fact.error })}`;
    this.#tell("export", fact.sendable ? OUTCOME.minor : OUTCOME.serious, `${this.#outgoing},${this.#far()}${what}`);
  }

  tunnelLine(line: Fact<"tunnelLine">): void {
    this.#peers.hear(line);
  }

  reloaded({ outcome, cut, error }: Fact<"reloaded">): void {
    const facts = told({ what: "certificates and configuration of Stunnel", cut, error });
    this.#tell("configuration", outcome === "done" ? OUTCOME.success : OUTCOME.serious, facts);
  }

  siteStarted(): void {
    this.#tell("start", OUTCOME.success);
  }

  siteStopped(): void {
    this.#tell("stop", OUTCOME.success);
  }

  /** Says in the trail itself that something of it is missing, or is kept elsewhere. */
  recordingStarted(facts: Parameters<typeof told>[0]): void {
    this.#tell("recording", OUTCOME.minor, told(facts));
  }

  #tell(kind: Kind, outcome: Outcome, facts = ""): void {
    this.#trail.append({ kind, outcome, atMs: timeToTellMs(), facts });
  }

  #behind(plain: string): string {
    const peer = this.#peers.behind(plain);
    // without the tunnel: an application of this machine
    if (!peer) return told({ address: plain });
    return this.#once(peer, ({ connection, address, subject }) => told({ connection, address, subject }));
  }

  #far(): string {
    const peer = this.#peers.far();
    return peer ? `${this.#once(peer, ({ address, subject }) => told({ address, subject }))},` : "";
  }

  #once<T extends object>(peer: T, write: (peer: T) => string): string {
    const written = this.#written.get(peer) ?? write(peer);
    this.#written.set(peer, written);
    return written;
  }

  #changed(change: PeerChange, peer: TunnelPeer): void {
    const { connection, address, subject, authority, incoming, stands } = peer;
    const leg = incoming ? this.#incoming : this.#outgoing;
    const shown = { subject: subject || undefined, authority: authority || undefined };
    const who = `${leg},${told({ connection, address, ...shown })}`;
    if (change === "ended") {
      const refusal = refusalIn(peer.alarms);
      if (refusal) this.#tell("authentication", OUTCOME.serious, `${who},${told(refusal)}`);
    }
    // what we opened, and what the far side made of it, is in the records of what was sent
    if (incoming && stands) this.#tell(change === "stands" ? "attach" : "detach", OUTCOME.success, who);
  }
}

/** What could end a text of JSON; that it is printable is seen to by who tells. */
const SPECIAL = /["\\]/;

/** Writes what is said of a message, without the general way of JSON for what nearly always needs none. */
function aboutOf({ type, controlId, traceId }: MessageFacts): string {
  if (SPECIAL.test(type) || SPECIAL.test(controlId)) return told({ type, controlId, traceId });
  return `"type":"${type}","controlId":"${controlId}"${traceId ? `,"traceId":"${traceId}"` : ""}`;
}

/** Returns how a message ended: AR and CR are tried again, AE and CE are not. */
export function outcomeOf(code: string): Outcome {
  if (isAccepted({ code })) return OUTCOME.success;
  return code.endsWith("E") ? OUTCOME.serious : OUTCOME.minor;
}

/** Returns who refused whom and why, by the most telling of the lines; undefined where nobody refused. */
function refusalIn(alarms: string[]): { cause: string; refusedBy: string } | undefined {
  const refusals = alarms.flatMap(meaningsOf).filter(({ refusedBy }) => refusedBy !== undefined);
  const telling = refusals.find(({ causes: [cause] }) => cause !== "certificate-refused") ?? refusals[0];
  return telling && { cause: telling.causes[0], refusedBy: telling.refusedBy ?? "" };
}
