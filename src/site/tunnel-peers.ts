import { ENDED } from "./open-connections.ts";
import { ACCEPTED, type TunnelLine } from "./tunnel-line.ts";

/** Who is at the other end of a connection of Stunnel, as far as its log has said so. */
export interface TunnelPeer {
  service: string;
  /** Stunnel's number of it, which is new with each start of Stunnel. */
  connection: string;
  /** Whether it came in over TLS; else we opened it. */
  incoming: boolean;
  /** Where it came from over TLS, or leads to. */
  address: string;
  /** Our own socket of its plain side, as the listener sees it. */
  plain: string;
  /** Of the certificate that was shown; empty where none was, or Stunnel did not come to it. */
  subject: string;
  /** The certificate above it that was not believed, where that was what was refused. */
  authority: string;
  /** Whether both its sides stand. */
  stands: boolean;
  /** What Stunnel said of it at the levels of warning and error. */
  alarms: string[];
}

/** What became of a connection: "stands" once, and "ended" once. */
export type PeerChange = "stands" | "ended";

const TO_US = /^Service \[[^\]]*\] connected remote server from (\S+)$/;
const TO_FAR = /^s_connect: connected (\S+)$/;
const SHOWN = /^(?:Certificate accepted|Rejected by \w+) at depth=(\d+): (.*)$/;
const TLS_STANDS = /^TLS connected: /;
/** The first line of a new process, whose connections are counted anew. */
const STARTED = /^stunnel \d\S* on /;
const MOST_ALARMS = 10;
const MOST_SUBJECT_CHARACTERS = 200;
/** How many ended connections are remembered: their last message may be told after their end. */
const ENDED_KEPT = 256;

/** Knows by Stunnel's log who is behind which of its connections, and behind which socket of the plain side. */
export class TunnelPeers {
  readonly #tlsServices: ReadonlySet<string>;
  readonly #open = new Map<string, TunnelPeer>();
  readonly #byPlain = new Map<string, TunnelPeer>();
  readonly #ended: TunnelPeer[] = [];
  #far: TunnelPeer | undefined;

  /** Hears of connections that stand, and of each that ended. */
  onChange: (change: PeerChange, peer: TunnelPeer) => void = () => {};

  /** Takes the names of the services that accept TLS. */
  constructor(tlsServices: Iterable<string>) {
    this.#tlsServices = new Set(tlsServices);
  }

  /** Hears a line of Stunnel's log. */
  hear({ level, connection, text }: TunnelLine): void {
    if (STARTED.test(text)) for (const peer of [...this.#open.values()]) this.#end(peer);
    const [, service, from] = ACCEPTED.exec(text) ?? [];
    if (service !== undefined && from !== undefined) {
      this.#accept(service, connection, from);
      return;
    }
    const peer = this.#open.get(connection);
    if (!peer) return;
    this.#learn(peer, text);
    if ((level === "error" || level === "warn") && peer.alarms.length < MOST_ALARMS) peer.alarms.push(text);
    if (ENDED.test(text)) this.#end(peer);
  }

  /** Returns who is behind a socket that our listener took, as host:port. */
  behind(plain: string): TunnelPeer | undefined {
    return this.#byPlain.get(plain);
  }

  /** Returns who is at the far end of what we send; none where connections that are open at once lead to several. */
  far(): TunnelPeer | undefined {
    return this.#far;
  }

  #accept(service: string, connection: string, from: string): void {
    const incoming = this.#tlsServices.has(service);
    const [address, plain] = incoming ? [from, ""] : ["", from];
    const peer = { service, connection, incoming, address, plain, subject: "", authority: "", stands: false };
    this.#open.set(connection, { ...peer, alarms: [] });
  }

  #learn(peer: TunnelPeer, text: string): void {
    const [, depth, name = ""] = SHOWN.exec(text) ?? [];
    if (depth === "0") peer.subject = name.slice(0, MOST_SUBJECT_CHARACTERS);
    else if (text.startsWith("Rejected")) peer.authority = name.slice(0, MOST_SUBJECT_CHARACTERS);
    if (peer.incoming) {
      const [, plain] = TO_US.exec(text) ?? [];
      if (plain === undefined) return;
      peer.plain = plain;
      this.#byPlain.set(plain, peer);
      this.#stand(peer);
    } else {
      peer.address = TO_FAR.exec(text)?.[1] ?? peer.address;
      if (TLS_STANDS.test(text)) this.#stand(peer);
    }
  }

  #stand(peer: TunnelPeer): void {
    peer.stands = true;
    if (!peer.incoming) this.#far = this.#others(peer).every((other) => isSame(other, peer)) ? peer : undefined;
    this.onChange("stands", peer);
  }

  /** Returns the other connections that we opened and that stand. */
  #others(peer: TunnelPeer): TunnelPeer[] {
    return [...this.#open.values()].filter((other) => !other.incoming && other.stands && other !== peer);
  }

  #end(peer: TunnelPeer): void {
    this.#open.delete(peer.connection);
    this.#ended.push(peer);
    const [forgotten] = this.#ended.length > ENDED_KEPT ? this.#ended.splice(0, 1) : [];
    // its socket may have become another one's
    if (forgotten && this.#byPlain.get(forgotten.plain) === forgotten) this.#byPlain.delete(forgotten.plain);
    this.onChange("ended", peer);
  }
}

const isSame = (one: TunnelPeer, other: TunnelPeer) => one.address === other.address && one.subject === other.subject;
