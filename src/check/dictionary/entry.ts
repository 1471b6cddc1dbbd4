import type { Text } from "../../languages.ts";

/** What lies behind a line, as a stable word that scripts and tests can rely on. */
export type Cause =
  // the certificate that was shown, and who believes it
  | "no-certificate"
  | "unknown-authority"
  | "incomplete-chain"
  | "self-signed"
  | "expired"
  | "not-yet-valid"
  | "wrong-name"
  | "wrong-usage"
  | "revoked"
  | "crl-expired"
  | "crl-not-yet-valid"
  | "no-crl"
  | "weak-key"
  | "weak-signature"
  | "bad-signature"
  | "certificate-refused"
  // the handshake
  | "no-common-version"
  | "no-common-suite"
  | "not-tls"
  // the network
  | "silent"
  | "cut"
  | "port-closed"
  | "application-down"
  | "unreachable"
  | "name-not-resolved"
  // this Stunnel's own start
  | "own-files"
  | "key-mismatch"
  | "port-taken"
  | "configuration"
  | "peer-unchecked"
  | "name-unchecked"
  // nothing that was refused
  | "no-proof"
  | "harmless";

/** What a line means. */
export interface Meaning {
  /** Likeliest first: the words of who refuses have one cause, an alert may have several. */
  causes: readonly [Cause, ...Cause[]];
  /** The words that were recognised, and nothing else of the line. */
  said: string;
  /** "here" is the side whose line this is; undefined where nobody refused. */
  refusedBy?: "here" | "far";
  plain: Text;
  next: Text;
}

/** What the dictionary holds; `words` match fixed words only, because what they match is shown. */
export interface Entry extends Omit<Meaning, "said"> {
  words: RegExp;
}
