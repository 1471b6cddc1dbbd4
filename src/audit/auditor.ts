import { isAccepted } from "../hl7/acknowledgment.ts";
import type { MessageFacts } from "../hl7/claim.ts";
import { timeToTellMs } from "../log/afterwards.ts";
import { legNamesOf, type SiteFacts } from "../site/facts.ts";
import type { TunnelConnection, TunnelConnections } from "../site/tunnel-connections.ts";
import type { Observer } from "../watch/observer.ts";
import { type Kind, OUTCOME, type Outcome, told } from "./record.ts";
import type { Trail } from "./trail.ts";

type Fact<Name extends keyof Observer> = Parameters<Observer[Name]>[0];

/** Writes into the audit trail who connected, what came and went, and what became of it. */
export class Auditor implements Partial<Observer> {
  readonly #trail: Pick<Trail, "append">;
  readonly #connections: TunnelConnections;
  readonly #incoming: string;
  readonly #outgoing: string;
  /** What is said of a peer in each record of its messages, as it is written. */
  readonly #written = new WeakMap<object, string>();

  constructor(trail: Pick<Trail, "append">, connections: TunnelConnections, site: SiteFacts) {
    this.#trail = trail;
    this.#connections = connections;
    const { to, from } = legNamesOf(site);
    this.#incoming = told({ leg: from });
    this.#outgoing = told({ leg: to });
    connections.tell({ stands: (one) => this.#stands(one), ended: (one) => this.#ended(one) });
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
    const { code, sizeBytes, from } = fact;
    const what = `${aboutOf(fact)},"sizeBytes":${sizeBytes},"code":"${code}"`;
    this.#tell("export", outcomeOf(code), `${this.#outgoing},${this.#beyond(from)}${what}`);
  }

  exchangeFailed(fact: Fact<"exchangeFailed">): void {
    const what = `${aboutOf(fact)},${told({ error: fact.error })}`;
    this.#tell(
      "export",
      fact.sendable ? OUTCOME.minor : OUTCOME.serious,
      `${this.#outgoing},${this.#beyond(fact.from)}${what}`,
    );
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
    const peer = this.#connections.behind(plain);
    // without the tunnel: an application of this machine
    return peer ? this.#once(peer) : told({ address: plain });
  }

  #beyond(plain: string | undefined): string {
    const peer = plain === undefined ? undefined : this.#connections.beyond(plain);
    return peer ? `${this.#once(peer)},` : "";
  }

  #once(peer: TunnelConnection): string {
    const written = this.#written.get(peer) ?? whoIs(peer);
    // what is not known yet may be known for the next message
    if (peer.stands) this.#written.set(peer, written);
    return written;
  }

  #stands(peer: TunnelConnection): void {
    // what we opened, and what the far side made of it, is in the records of what was sent
    if (peer.incoming) this.#tell("attach", OUTCOME.success, `${this.#incoming},${this.#once(peer)}`);
  }

  #ended(peer: TunnelConnection): void {
    const { incoming, stands, refusal, authority } = peer;
    const who = `${incoming ? this.#incoming : this.#outgoing},${whoIs(peer)}`;
    if (refusal) {
      const { cause, refusedBy } = refusal;
      this.#tell(
        "authentication",
        OUTCOME.serious,
        `${who},${told({ authority: authority || undefined, cause, refusedBy })}`,
      );
    }
    if (incoming && stands) this.#tell("detach", OUTCOME.success, who);
  }
}

/** Writes who is at the other end of a connection, as far as that is known. */
const whoIs = ({ connection, address, subject, serial }: TunnelConnection): string =>
  told({ connection, address: address || undefined, subject: subject || undefined, serial });

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
