/** Every word that says what went wrong. */
export const ERROR_CODES = [
  // a connection and what came over it
  "name-not-resolved",
  "connection-refused",
  "connection-reset",
  "connection-closed",
  "connection-failed",
  "acknowledgment-timeout",
  "acknowledgment-unasked",
  "connection-timeout",
  "malformed-frame",
  "malformed-acknowledgment",
  "payload-too-large",
  // HL7 text
  "no-header",
  "header-incomplete",
  "message-unframeable",
  "unknown-charset",
  // files, settings, processes
  "file-unreadable",
  "file-unwritable",
  "invalid-setting",
  "port-in-use",
  "tunnel-failed",
  "store-failed",
  "not-queued",
  // what is judged
  "nothing-known",
  "messages-lost",
  "trail-broken",
  // certificates
  "key-mismatch",
  "invalid-certificate",
  "authority-incomplete",
  "folder-locked",
] as const;

/** What went wrong, as a stable word that scripts and tests can rely on. */
export type ErrorCode = (typeof ERROR_CODES)[number];

interface SafeTunnelErrorOptions {
  hint: string;
  cause?: unknown;
}

/** The one error of this project: `message` says what was tried, on what, with which limit; `hint` one next action. */
export class SafeTunnelError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, { hint, cause }: SafeTunnelErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "SafeTunnelError";
    this.code = code;
    this.hint = hint;
  }
}

/** Returns the text of anything that was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
