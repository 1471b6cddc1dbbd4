import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { Crl } from "../../../stunnel/crl.ts";
import { isSameKey } from "../../../stunnel/inspect.ts";
import type { Endpoint } from "../../mllp/endpoint.ts";
import { type Hello, probe, type Seen, type ShownIdentity } from "./probe.ts";
import { hangsUp, REACH_LIMIT_MS, type Reached } from "./reach.ts";

/** What is known of a link before anything is tried: where the peer is, what we show it and what we believe. */
export interface Target {
  endpoint: Endpoint;
  /** The names of which its certificate has to bear one; none where nothing is expected. */
  names: string[];
  /** Whether it has to be one of the authorities itself. */
  pinned?: boolean;
  identity?: ShownIdentity | undefined;
  /** Our own certificate with those behind it. */
  chain?: [X509Certificate, ...X509Certificate[]] | undefined;
  authorities: X509Certificate[];
  crls?: Crl[] | undefined;
  /** Certificates over our own key that a peer has to refuse. */
  expired?: ShownIdentity | undefined;
  sibling?: ShownIdentity | undefined;
}

/** A target, and how it takes a connection on which we show what is right. */
export interface Link {
  target: Target;
  reached: Reached;
  /** The places before it that were not reached, each with why: Stunnel tries its connect lines in their order. */
  passedOver?: string[];
  /** Undefined where the place is not reached. */
  baseline?: Seen | undefined;
  /** Whether a place that is silent to TLS lives all the same. */
  lives?: boolean;
  /**
   * What TLS 1.2 shows of a port that ends the connection without an alert after the handshake of 1.3: "refused" where it
   * does so within that handshake, for an application that is down ends it later; "taken"; or nothing.
   */
  older?: "refused" | "taken" | "unknown";
}

/** What our Stunnel gives a handshake (TIMEOUTbusy): a proxy may connect late. */
const BUSY_LIMIT_MS = 10_000;

/** Tries a target as our Stunnel would, without a word of HL7. */
export async function approach(target: Target, reached: Reached, holdMs?: number): Promise<Link> {
  if (reached.state !== "open") return { target, reached };
  const hello = helloTo(target);
  const baseline = await probe(hello, holdMs, BUSY_LIMIT_MS);
  const link = { target, reached, baseline };
  if (baseline.end === "silent") return { ...link, lives: await hangsUp(target.endpoint, REACH_LIMIT_MS / 3) };
  if (!wasCut(baseline) || baseline.version !== "TLSv1.3") return link;
  const older = await probe({ ...hello, version: "TLSv1.2" }, holdMs);
  return { ...link, older: older.handshakeMs > 0 ? "taken" : wasCut(older) ? "refused" : "unknown" };
}

/** Says whether a connection was ended without an alert. */
export const wasCut = ({ end }: Seen): boolean => end === "closed" || end === "reset";

/** What a probe of a target offers, where nothing else is said. */
export function helloTo({ endpoint, names, identity, authorities }: Target): Hello {
  const pem = authorities.map((authority) => authority.toString()).join("");
  // a name that is an address cannot be asked for
  const serverName = names.find((name) => !isIP(name));
  return { endpoint, serverName, identity, ...(pem && { authorities: pem }) };
}

/** Says whether a port shows our own certificate, or another over our key: the link leads back to us. */
export function showsOurs({ target, baseline }: Link): boolean {
  const ours = target.chain?.[0].publicKey;
  const theirs = baseline?.certificate?.publicKey;
  return ours !== undefined && theirs !== undefined && isSameKey(theirs, ours);
}

/** Says whether a port got as far as to choose a version and a suite. */
export const hasChosen = ({ suite }: Seen): boolean => suite !== undefined;
