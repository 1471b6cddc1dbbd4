import type { Guise } from "./impostor.ts";

/** What comes of a case: who refuses, why, and what the other Stunnel reads of it; nothing where it is accepted. */
export type Outcome = { refusedBy: "site" | "peer"; words: string; reads: string } | "accepted";

export interface Case {
  name: string;
  /** Whom the impostor shows: the pair of the site it poses as, of the site it talks to, nothing, or one of the lab. */
  shows: "own" | "swapped" | "nothing" | "lab";
  /** What comes of it as client at the TLS port of a site, and as server in front of its client leg. */
  asClient: Outcome;
  asServer?: Outcome;
  /** Settings of the impostor's Stunnel. */
  options?: string[];
  /** The TLS version; both that are allowed unless it is said. */
  version?: string;
}

const refused = (words: string, reads: string): Outcome => ({ refusedBy: "site", words, reads });

const inBoth = (name: string, outcome: Outcome, shows: Case["shows"] = "lab"): Case => ({
  name,
  shows,
  asClient: outcome,
  asServer: outcome,
});

/** Before any certificate is looked at, it is always the server that refuses. */
const handshake = (name: string, version: string, words: string, reads: string, options: string[] = []): Case => ({
  name,
  shows: "own",
  version,
  options,
  asClient: refused(words, reads),
  asServer: { refusedBy: "peer", words, reads },
});

const noSharedCipher = (name: string, ciphers: string): Case =>
  handshake(name, "1.2", "no shared cipher", "handshake failure", [`ciphers = ${ciphers}`]);

const wrongUsage = refused("unsuitable certificate purpose", "unsupported certificate");
const wrongName = refused("Subject checks failed", "internal error");
const noIssuer = refused("unable to get local issuer certificate", "unknown ca");
const good: Case = inBoth("good", "accepted", "own");

/** Every way in which the other end of a leg can be wrong; the good pair opens and closes the list. */
export const CASES: Case[] = [
  good,
  ...["1.2", "1.3"].map((version): Case => {
    const reads = version === "1.2" ? "handshake failure" : "certificate required";
    const asClient = refused("peer did not return a certificate", reads);
    return { name: "no-certificate", shows: "nothing", version, asClient };
  }),
  inBoth("other-site", wrongName, "swapped"),
  inBoth("untrusted-root", noIssuer),
  inBoth("self-signed", refused("certificate not found in local repository: self-signed certificate", "unknown ca")),
  inBoth("expired", refused("certificate has expired", "certificate expired")),
  inBoth("not-yet-valid", refused("certificate is not yet valid", "bad certificate")),
  inBoth("wrong-host", wrongName),
  inBoth("sibling", wrongName),
  { ...inBoth("wrong-usage-client-only", wrongUsage), asClient: "accepted" },
  { ...inBoth("wrong-usage-server-only", wrongUsage), asServer: "accepted" },
  inBoth("incomplete-chain", noIssuer),
  inBoth("missing-crl", refused("unable to get certificate CRL", "unknown ca")),
  inBoth("no-san", "accepted"),
  inBoth("x509-v1", "accepted"),
  inBoth("weak-key", refused("EE certificate key too weak", "bad certificate")),
  inBoth("revoked", refused("certificate revoked", "certificate revoked")),
  handshake("tls-1.0", "1", "unsupported protocol", "protocol version"),
  handshake("tls-1.1", "1.1", "unsupported protocol", "protocol version"),
  noSharedCipher("static-rsa", "AES128-GCM-SHA256:AES256-GCM-SHA384"),
  noSharedCipher("cbc", "ECDHE-RSA-AES128-SHA256:ECDHE-RSA-AES256-SHA384:ECDHE-RSA-AES128-SHA"),
  noSharedCipher("no-common-cipher", "ECDHE-RSA-CHACHA20-POLY1305"),
];

/** What is tried while both sites have the expired CRL of the lab. */
export const CASES_WITH_EXPIRED_CRL: Case[] = [
  inBoth("expired-crl", refused("CRL has expired", "certificate expired")),
  // the very pair that opened the list
  { ...inBoth("good", refused("CRL has expired", "certificate expired"), "own"), name: "good, CRL expired" },
];

/** What is tried when all is put back. */
export const CASES_AT_THE_END: Case[] = [good];

/** Returns what the impostor has to do for a case. */
export function guiseOf({ name, shows, options = [] }: Case, version: string): Guise {
  const identity = (site: "eai" | "dpi", other: "eai" | "dpi") =>
    ({
      own: `/own/${site}/${site}`,
      swapped: `/own/${other}/${other}`,
      nothing: null,
      lab: `/lab/${name}/${site}.faulty`,
    })[shows];
  return {
    identity: { eai: identity("eai", "dpi"), dpi: identity("dpi", "eai") },
    options: [`sslVersion = TLSv${version}`, ...options],
  };
}
