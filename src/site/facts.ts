import type { Taken } from "../hl7/judge.ts";
import type { Answerer } from "../hl7/write-acknowledgment.ts";

/** What a site is: all that differs between EAI and DPI beside their stunnel.conf and their message. */
export interface SiteFacts extends Answerer {
  /** Its name in DNS and in its certificate. */
  name: string;
  title: string;
  /** The name in the certificate of the site at the other end. */
  peer: string;
  /** The plain port of the leg that it sends on, which Stunnel holds. */
  sendPort: number;
  /** The plain port of the leg that it receives on, which its listener holds. */
  listenPort: number;
  /** The port on which its Stunnel takes TLS from the peer. */
  tlsPort: number;
  takes: Taken[];
}

/** The two directions of a site's link, as logs, metrics and the audit trail call them. */
export interface LegNames {
  /** The leg that it sends on. */
  to: string;
  /** The leg that it receives on. */
  from: string;
}

/** Returns the names of a site's legs, which are the same at both ends. */
export const legNamesOf = ({ name, peer }: Pick<SiteFacts, "name" | "peer">): LegNames => ({
  to: `${name}-to-${peer}`,
  from: `${peer}-to-${name}`,
});
