import type { ErrorCode } from "../errors.ts";
import type { MessageFacts } from "../hl7/claim.ts";
import type { TunnelLine } from "../site/tunnel-line.ts";

/** A message that came and what it was answered; type and control ID are cut and printable. */
export interface ReceivedFact extends MessageFacts {
  peer: string;
  code: string;
  sizeBytes: number;
  durationMs: number;
  /** Its number in the journal; undefined where it could not be stored. */
  journalId?: number | undefined;
  /** Whether the same message stood there already. */
  repeat: boolean;
}

export type FrameRefusal = "unfinished-frame" | "frame-too-large" | "bytes-outside-frame" | "no-header";

/** What came and was no message. */
export interface RefusedFact {
  reason: FrameRefusal;
  peer: string;
  /** What it was answered with; undefined where there was nothing to answer. */
  code?: string | undefined;
}

/** What is known of every message that was sent, beside itself. */
interface SentFact extends MessageFacts {
  /** The near end of the connection that it went over, as host:port, by which Stunnel's own is found. */
  from?: string | undefined;
}

/** A message that was sent and the acknowledgment that ended its exchange. */
export interface ExchangedFact extends SentFact {
  code: string;
  sizeBytes: number;
  durationMs: number;
}

/** A message of which no acknowledgment came, or that could not be sent at all. */
export interface FailedFact extends LostFact, SentFact {
  /** Whether it could be sent, so that the error says something of the link. */
  sendable: boolean;
}

export interface LostFact {
  error: ErrorCode;
  /** The same in words, as a log may hold them. */
  reason: string;
  hint: string;
}

/** A connection of the plain side: one that our sender opened, or one that our listener took. */
export interface ConnectionFact {
  end: "sender" | "listener";
  peer: string;
}

export interface ReloadedFact {
  outcome: "done" | "refused";
  /** Whether every connection was cut, since the CRL takes back more than before. */
  cut: boolean;
  error?: ErrorCode | undefined;
}

/**
 * Hears what happens in a site, beside its log: facts, and never a payload. It is told once an answer has left, so that
 * nobody waits for it, and must not throw.
 */
export interface Observer {
  received(fact: ReceivedFact): void;
  frameRefused(fact: RefusedFact): void;
  exchanged(fact: ExchangedFact): void;
  exchangeFailed(fact: FailedFact): void;
  /** Hears that the other side ended the kept connection between two exchanges, other than in the ordinary way. */
  linkLost(fact: LostFact): void;
  setAside(fact: { type: string; controlId: string; id: number }): void;
  connectionOpened(fact: ConnectionFact): void;
  connectionEnded(fact: ConnectionFact): void;
  /** Hears every line of Stunnel's log; what concerns a probe of the site itself comes with level info. */
  tunnelLine(line: TunnelLine): void;
  reloaded(fact: ReloadedFact): void;
  /** Hears that the store could not write, or not be read. */
  storeFailed(): void;
  siteStarted(): void;
  siteStopped(): void;
}

/** Returns an observer that tells each of several, which hear what they have a method for. */
export function both(...observers: Partial<Observer>[]): Observer {
  // who listens is looked up once, and not for each message
  const hearing = <Name extends keyof Observer>(name: Name): ((fact: never) => void) => {
    const methods = observers.flatMap((observer) => {
      const method = observer[name];
      return method ? [method.bind(observer) as (fact: never) => void] : [];
    });
    return (fact: never) => {
      for (const method of methods) method(fact);
    };
  };
  return {
    received: hearing("received"),
    frameRefused: hearing("frameRefused"),
    exchanged: hearing("exchanged"),
    exchangeFailed: hearing("exchangeFailed"),
    linkLost: hearing("linkLost"),
    setAside: hearing("setAside"),
    connectionOpened: hearing("connectionOpened"),
    connectionEnded: hearing("connectionEnded"),
    tunnelLine: hearing("tunnelLine"),
    reloaded: hearing("reloaded"),
    storeFailed: hearing("storeFailed") as () => void,
    siteStarted: hearing("siteStarted") as () => void,
    siteStopped: hearing("siteStopped") as () => void,
  };
}

/** Who is told where nobody listens, as by a "listen" or a "send" that was started by hand. */
export const UNWATCHED: Observer = both();
