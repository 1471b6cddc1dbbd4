import { serialIn } from "./issued-names.ts";
import { ACCEPTED, ENDED, type TunnelLine } from "./tunnel-line.ts";

/** Who refused whom, and why in one of the words of "check". */
export interface Refusal {
  cause: string;
  refusedBy: "here" | "far";
  /** Whether it is the reason itself; else it is what is said beside one. */
  explains: boolean;
}

/** A connection of Stunnel and who is at its other end, as far as its log has said so. */
export interface TunnelConnection {
  service: string;
  /** Stunnel's number of it, which is new with each start of Stunnel. */
  connection: string;
  /** Whether it came in over TLS; else we opened it. */
  incoming: boolean;
  /** Where it came from over TLS, or leads to. */
  address: string;
  /** Of the certificate that was shown; empty where none was, or Stunnel did not come to it. */
  subject: string;
  /** The serial of that certificate; undefined where it is not known for certain. */
  serial: string | undefined;
  /** The certificate above it that was not believed, where that was what was refused. */
  authority: string;
  /** Whether both its sides stand, or stood. */
  stands: boolean;
  /** Who refused whom; what it is for good is known when it has ended. */
  refusal: Refusal | undefined;
}

/** Who hears what becomes of Stunnel's connections; of each that it is opened, and once that it has ended. */
export interface TunnelHearing {
  opened(connection: TunnelConnection): void;
  stands(connection: TunnelConnection): void;
  ended(connection: TunnelConnection): void;
  /** A Stunnel began, of which no connection is open. */
  started(version: string): void;
}

interface Followed extends TunnelConnection {
  /** Of the certificate that was shown, where it was accepted too. */
  issuer: string;
  /** The socket of its plain side: ours where it came in, else that of who sends. */
  plain: string;
}

const TO_LISTENER = /^Service \[[^\]]*\] connected remote server from (\S+)$/;
const TO_FAR = /^s_connect: connected (\S+)$/;
const SHOWN = /^(Certificate accepted|Rejected by \w+) at depth=(\d+): (.*)$/;
const TLS_STANDS = /^TLS connected: /;
/** The first line of a new process, whose connections are counted anew. */
const STARTED = /^stunnel (\d\S*) on /;
const MOST_SUBJECT_CHARACTERS = 200;
/** How many ended connections are remembered: their last message may be told after their end. */
const ENDED_KEPT = 2048;

/**
 * Follows Stunnel's connections by its log: which are open, who is at their other end, behind which socket of the plain
 * side, and who refused whom. Metrics and audit trail are told by it, so that they tell the same.
 */
export class TunnelConnections {
  readonly #tlsServices: () => readonly string[];
  readonly #refusalIn: (text: string) => Refusal | undefined;
  readonly #hearings: Partial<TunnelHearing>[] = [];
  readonly #open = new Map<string, Followed>();
  /** By direction, since one port may be the near end of two sockets. */
  readonly #byPlain = { in: new Map<string, Followed>(), out: new Map<string, Followed>() };
  readonly #ended: Followed[] = [];

  /** Takes the names of the services that accept TLS, as they are at the time, and who judges a line. */
  constructor(tlsServices: () => readonly string[], refusalIn: (text: string) => Refusal | undefined) {
    this.#tlsServices = tlsServices;
    this.#refusalIn = refusalIn;
  }

  /** Tells one more, from now on. */
  tell(hearing: Partial<TunnelHearing>): void {
    this.#hearings.push(hearing);
  }

  /** Hears a line of Stunnel's log. */
  hear({ level, connection, text }: TunnelLine): void {
    const [, service, from] = ACCEPTED.exec(text) ?? [];
    if (service !== undefined && from !== undefined) {
      this.#accept(service, connection, from);
      return;
    }
    const followed = this.#open.get(connection);
    if (!followed) {
      this.#begin(text);
      return;
    }
    this.#learn(followed, text);
    // what is said of every good connection is not looked up, nor what concerns a probe of our own
    if ((level === "error" || level === "warn") && !followed.refusal?.explains) this.#judge(followed, text);
    if (ENDED.test(text)) this.#end(followed);
  }

  /** Returns who is behind a socket that our listener took, as host:port. */
  behind(plain: string): TunnelConnection | undefined {
    return this.#byPlain.in.get(plain);
  }

  /** Returns who is at the far end of what was sent from a socket, as host:port. */
  beyond(plain: string): TunnelConnection | undefined {
    return this.#byPlain.out.get(plain);
  }

  #accept(service: string, connection: string, from: string): void {
    const incoming = this.#tlsServices().includes(service);
    const [address, plain] = incoming ? [from, ""] : ["", from];
    const unknown = { subject: "", serial: undefined, issuer: "", authority: "", stands: false, refusal: undefined };
    const followed = { service, connection, incoming, address, plain, ...unknown };
    this.#open.set(connection, followed);
    if (!incoming) this.#byPlain.out.set(plain, followed);
    for (const hearing of this.#hearings) hearing.opened?.(followed);
  }

  #begin(text: string): void {
    const version = STARTED.exec(text)?.[1];
    if (version === undefined) return;
    // the one before was cut short, and has told no end
    for (const followed of [...this.#open.values()]) this.#end(followed);
    for (const hearing of this.#hearings) hearing.started?.(version);
  }

  #learn(followed: Followed, text: string): void {
    const [, verdict, depth, name] = SHOWN.exec(text) ?? [];
    if (name !== undefined) learnName(followed, verdict === "Certificate accepted", depth, name);
    else if (followed.incoming) {
      const plain = TO_LISTENER.exec(text)?.[1];
      if (plain === undefined) return;
      followed.plain = plain;
      this.#byPlain.in.set(plain, followed);
      this.#stand(followed);
    } else {
      followed.address = TO_FAR.exec(text)?.[1] ?? followed.address;
      if (TLS_STANDS.test(text)) this.#stand(followed);
    }
  }

  #stand(followed: Followed): void {
    followed.stands = true;
    for (const hearing of this.#hearings) hearing.stands?.(followed);
  }

  #judge(followed: Followed, text: string): void {
    const refusal = this.#refusalIn(text);
    followed.refusal = refusal?.explains ? refusal : (followed.refusal ?? refusal);
  }

  #end(followed: Followed): void {
    this.#open.delete(followed.connection);
    this.#ended.push(followed);
    const [forgotten] = this.#ended.length > ENDED_KEPT ? this.#ended.splice(0, 1) : [];
    if (forgotten) {
      const byPlain = this.#byPlain[forgotten.incoming ? "in" : "out"];
      // its socket may have become another one's
      if (byPlain.get(forgotten.plain) === forgotten) byPlain.delete(forgotten.plain);
    }
    for (const hearing of this.#hearings) hearing.ended?.(followed);
  }
}

function learnName(followed: Followed, accepted: boolean, depth: string | undefined, name: string): void {
  const cut = name.slice(0, MOST_SUBJECT_CHARACTERS);
  if (depth === "0") {
    followed.subject = cut;
    // what was refused may bear any name, and was not always looked at for its signature
    followed.serial = accepted ? serialIn(name, followed.issuer) : undefined;
  } else if (!accepted) followed.authority = cut;
  // Stunnel names the chain from its root down
  else if (depth === "1") followed.issuer = name;
}
