import type { CertificateFacts } from "../../../stunnel/show.ts";
import type { Finding, Place } from "../finding.ts";

/** All that one run of "check" found, before it is written in a form and a language. */
export interface Report {
  /** The site that asked; undefined where an endpoint was judged from elsewhere. */
  site: string | undefined;
  /** Where the peer takes TLS, as host:port, and the name that its certificate has to bear. */
  peer: string;
  peerName: string;
  time: Date;
  durationMs: number;
  legs: { to: Place; from?: Place };
  identities: Identity[];
  findings: Finding[];
}

/** A certificate that played a part: ours, the peer's, or of an authority that we believe. */
export interface Identity {
  role: "own" | "peer" | "authority";
  facts: Omit<CertificateFacts, "path">;
}

/** Says whether nothing failed; what was not judged or is a warning does not fail a link. */
export const hasPassed = ({ findings, legs }: Report): boolean =>
  findings.every(({ status }) => status !== "fail") && legs.to.code === "works";
