import { meaningsOf } from "../check/dictionary/dictionary.ts";
import { isAccepted } from "../hl7/acknowledgment.ts";
import type { SiteFacts } from "../site/facts.ts";
import type { PeerChange, TunnelPeer, TunnelPeers } from "../site/tunnel-peers.ts";
import type { Observer } from "../watch/observer.ts";
import { type AuditEvent, OUTCOME } from "./record.ts";
import type { Trail } from "./trail.ts";

type Fact<Name extends keyof Observer> = Parameters<Observer[Name]>[0];
/** What the records of a leg say of it and of who is at its other end. */
type Told = AuditEvent["facts"];

/** Writes into the audit trail who connected, what came and went, and what became of it. */
export class Auditor implements Partial<Observer> {
  readonly #trail: Pick<Trail, "append">;
  readonly #peers: TunnelPeers;
  readonly #incoming: string;
  readonly #outgoing: string;

  constructor(trail: Pick<Trail, "append">, peers: TunnelPeers, { name, peer }: SiteFacts) {
    this.#trail = trail;
    this.#peers = peers;
    this.#incoming = `${peer}-to-${name}`;
    this.#outgoing = `${name}-to-${peer}`;
    peers.onChange = (change, who) => this.#changed(change, who);
  }

  received({ peer, code, journalId, repeat, durationMs: _, ...message }: Fact<"received">): void {
    const numbered = repeat ? { repeatOf: journalId } : { journalId };
    const facts = { leg: this.#incoming, ...this.#behind(peer), ...message, code, ...numbered };
    const outcome = journalId === undefined ? OUTCOME.major : outcomeOf(code);
    this.#tell("import", outcome, facts);
  }

  frameRefused({ reason, peer, code }: Fact<"frameRefused">): void {
    this.#tell("import", OUTCOME.serious, { leg: this.#incoming, ...this.#behind(peer), reason, code });
  }

  exchanged({ code, durationMs: _, ...message }: Fact<"exchanged">): void {
    this.#tell("export", outcomeOf(code), { leg: this.#outgoing, ...this.#peers.far(), ...message, code });
  }

  exchangeFailed({ type, controlId, traceId, error }: Fact<"exchangeFailed">): void {
    const facts = { leg: this.#outgoing, ...this.#peers.far(), type, controlId, traceId, error };
    this.#tell("export", OUTCOME.minor, facts);
  }

  tunnelLine(line: Fact<"tunnelLine">): void {
    this.#peers.hear(line);
  }

  reloaded({ outcome, cut, error }: Fact<"reloaded">): void {
    const facts = { what: "certificates and configuration of Stunnel", cut, error };
    this.#tell("configuration", outcome === "done" ? OUTCOME.success : OUTCOME.serious, facts);
  }

  siteStarted(): void {
    this.#tell("start", OUTCOME.success, {});
  }

  siteStopped(): void {
    this.#tell("stop", OUTCOME.success, {});
  }

  /** Says in the trail itself that something of it is missing, or is kept elsewhere. */
  recordingStarted(facts: Told): void {
    this.#tell("recording", OUTCOME.minor, facts);
  }

  #tell(kind: AuditEvent["kind"], outcome: AuditEvent["outcome"], facts: Told): void {
    this.#trail.append({ kind, outcome, atMs: Date.now(), facts });
  }

  #behind(plain: string): Told {
    const peer = this.#peers.behind(plain);
    // without the tunnel: an application of this machine
    if (!peer) return { address: plain };
    return { connection: peer.connection, address: peer.address, subject: peer.subject };
  }

  #changed(change: PeerChange, peer: TunnelPeer): void {
    const { connection, address, subject, authority, incoming, stands } = peer;
    const leg = incoming ? this.#incoming : this.#outgoing;
    const who = { leg, connection, address, ...(subject && { subject }), ...(authority && { authority }) };
    if (change === "ended") {
      const refusal = refusalIn(peer.alarms);
      if (refusal) this.#tell("authentication", OUTCOME.serious, { ...who, ...refusal });
    }
    // what we opened, and what the far side made of it, is in the records of what was sent
    if (incoming && stands) this.#tell(change === "stands" ? "attach" : "detach", OUTCOME.success, who);
  }
}

/** Returns how a message ended: AR and CR are tried again, AE and CE are not. */
export function outcomeOf(code: string): AuditEvent["outcome"] {
  if (isAccepted({ code })) return OUTCOME.success;
  return code.endsWith("E") ? OUTCOME.serious : OUTCOME.minor;
}

/** Returns who refused whom and why, by the most telling of the lines; undefined where nobody refused. */
function refusalIn(alarms: string[]): { cause: string; refusedBy: string } | undefined {
  const refusals = alarms.flatMap(meaningsOf).filter(({ refusedBy }) => refusedBy !== undefined);
  const telling = refusals.find(({ causes: [cause] }) => cause !== "certificate-refused") ?? refusals[0];
  return telling && { cause: telling.causes[0], refusedBy: telling.refusedBy ?? "" };
}
