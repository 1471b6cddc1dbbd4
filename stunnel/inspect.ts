import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { reasonOf, SafeTunnelError } from "../src/errors.ts";
import { dayMs } from "./certificates.ts";
import { canonicalName } from "./names.ts";
import { type PairPaths, readPair } from "./pair-files.ts";

/** A certificate found on disk, with its key if that is there and matches; of any key type, whoever made it. */
export interface Held {
  certificate: X509Certificate;
  text: string;
  key?: string;
}

/** Reads a pair and judges it whole, undefined if there is none. Throws file-unreadable, invalid-certificate, key-mismatch. */
export async function inspectPair(paths: PairPaths, hint: string): Promise<Held | undefined> {
  const { certificate: text, key } = await readPair(paths);
  const privateKey = key === undefined ? undefined : parse(paths.key, () => createPrivateKey(key), hint);
  if (text === undefined) {
    // A key alone may wait for a certificate that others are to sign: it is never overwritten unasked.
    if (key !== undefined)
      throw new SafeTunnelError("key-mismatch", `${paths.key} has no certificate beside it`, { hint });
    return undefined;
  }
  const certificate = parse(paths.certificate, () => new X509Certificate(text), hint);
  if (key === undefined || privateKey === undefined) return { certificate, text };
  if (!certificate.checkPrivateKey(privateKey))
    throw new SafeTunnelError("key-mismatch", `${paths.key} is not the key of ${paths.certificate}`, { hint });
  return { certificate, text, key };
}

/** Returns the whole days until a certificate ends, negative once it has ended. */
export function daysLeft(certificate: X509Certificate, now: Date): number {
  return Math.floor((certificate.validToDate.getTime() - now.getTime()) / dayMs);
}

/** Says whether an authority signed a certificate, whatever their dates. */
export function isIssuedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

/** Returns the DNS names and IP addresses that a certificate is made out to. */
export function namesOf(certificate: X509Certificate): string[] {
  const entries = certificate.subjectAltName?.split(", ") ?? [];
  return entries.flatMap((entry) => {
    const name = /^(?:DNS|IP Address):(.+)$/.exec(entry)?.[1];
    return name ? [canonicalName(name)] : [];
  });
}

function parse<T extends X509Certificate | KeyObject>(path: string, read: () => T, hint: string): T {
  try {
    return read();
  } catch (error) {
    throw new SafeTunnelError(
      "invalid-certificate",
      `cannot read ${path}, it is damaged or no PEM: ${reasonOf(error)}`,
      {
        hint,
        cause: error,
      },
    );
  }
}
