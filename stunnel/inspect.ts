import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { basename } from "node:path";
import { reasonOf, SafeTunnelError } from "../src/errors.ts";
import { dayMs, type Pair } from "./certificates.ts";
import { bitsOf, extensionOf } from "./der.ts";
import { canonicalName } from "./names.ts";
import type { PairPaths } from "./pair-files.ts";

/** A certificate found on disk, with its key if that is there and matches; of any key type, whoever made it. */
export interface Held {
  certificate: X509Certificate;
  text: string;
  key?: string;
}

/** Judges a pair whole, undefined if there is none. Throws invalid-certificate, key-mismatch. */
export function inspectPair(
  paths: PairPaths,
  hint: string,
  { certificate: text, key }: Partial<Pair>,
): Held | undefined {
  if (key !== undefined && hasPassword(key))
    throw new SafeTunnelError(
      "invalid-certificate",
      `cannot use ${paths.key}: it has a password, and nobody to give it`,
      {
        hint: `write the key without its password, readable by Stunnel's user alone: openssl pkey -in ${basename(paths.key)} -out open.key`,
      },
    );
  const privateKey = key === undefined ? undefined : parse(paths.key, () => createPrivateKey(key), hint);
  if (text === undefined) {
    // A key alone may wait for a certificate that others are to sign: it is never overwritten unasked.
    if (key !== undefined)
      throw new SafeTunnelError("key-mismatch", `${paths.key} has no certificate beside it`, { hint });
    return undefined;
  }
  const [certificate, ...behind] = readCertificates(text, paths.certificate, hint);
  if (key === undefined || privateKey === undefined) return { certificate, text };
  if (certificate.checkPrivateKey(privateKey)) return { certificate, text, key };
  if (behind.some((one) => one.checkPrivateKey(privateKey)))
    throw new SafeTunnelError(
      "key-mismatch",
      `${paths.certificate} does not begin with the certificate of ${paths.key}`,
      {
        hint: "put the site's own certificate first in the file, and the intermediate ones behind it",
      },
    );
  throw new SafeTunnelError("key-mismatch", `${paths.key} is not the key of ${paths.certificate}`, { hint });
}

/** Whether two public keys are one; of two kinds `equals` leaves an error behind that the next reading of a key throws. */
export const isSameKey = (one: KeyObject, other: KeyObject): boolean =>
  kindOf(one) === kindOf(other) && one.equals(other);

const kindOf = ({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject) =>
  `${asymmetricKeyType} ${asymmetricKeyDetails?.namedCurve}`;

/** PKCS #8 says it in its first line, the older form in its second. */
const hasPassword = (key: string) => /^-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(key);

/** Reads the certificates of a PEM file, at least one, in their order. Throws invalid-certificate. */
export function readCertificates(text: string, path: string, hint: string): [X509Certificate, ...X509Certificate[]] {
  return parse(path, () => certificatesIn(text), hint);
}

/** Returns the whole days until a certificate ends, negative once it has ended. */
export function daysLeft(certificate: X509Certificate, now: Date): number {
  return daysUntil(certificate.validToDate, now);
}

/** Returns the whole days until a date, negative once it has passed. */
export const daysUntil = (date: Date, now: Date): number => Math.floor((date.getTime() - now.getTime()) / dayMs);

/** Returns a date as it is shown: the day, in UTC as certificates count. */
export const dayOf = (date: Date): string => date.toISOString().slice(0, 10);

/**
 * Returns whom a certificate leads to, itself first, and whether the last of them is self-signed and an authority: one
 * in between is not enough for Stunnel.
 */
export function pathOf(
  [own, ...behind]: [X509Certificate, ...X509Certificate[]],
  authorities: X509Certificate[],
): { path: X509Certificate[]; believed: boolean } {
  const path = [own];
  for (let last = own; !isIssuedBy(last, last); path.push(last)) {
    const next = [...authorities, ...behind].find((one) => !path.includes(one) && isIssuedBy(last, one));
    if (!next) return { path, believed: false };
    last = next;
  }
  return { path, believed: authorities.some(({ fingerprint256 }) => fingerprint256 === path.at(-1)?.fingerprint256) };
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

/** Returns what a certificate's key may be used for; empty where it does not say (RFC 5280, 4.2.1.3 and 4.2.1.12). */
export function usagesOf(certificate: X509Certificate): { key: string[]; extended: string[] } {
  const bits = extensionOf(certificate, "2.5.29.15");
  // the first byte counts the bits of the last one that are unused, and the bits count from the left
  const flags = bits ? Buffer.from(bitsOf(bits), "latin1").subarray(1) : Buffer.alloc(0);
  const isSet = (index: number) => ((flags[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0;
  return {
    key: KEY_USAGES.filter((_, index) => isSet(index)),
    extended: (certificate.keyUsage ?? []).map((dotted) => EXTENDED_USAGES[dotted] ?? dotted),
  };
}

/** Says what kind of key a certificate bears: "RSA 3072", "EC prime256v1", "ed25519". */
export function keyKindOf({ publicKey }: X509Certificate): string {
  const { asymmetricKeyType: type = "unknown", asymmetricKeyDetails: details } = publicKey;
  return type === "rsa" || type === "rsa-pss"
    ? `${type.toUpperCase()} ${details?.modulusLength}`
    : type === "ec"
      ? `EC ${details?.namedCurve}`
      : type;
}

/** Returns the common name of a certificate's subject. */
export const commonNameOf = ({ subject }: X509Certificate): string => /^CN=(.*)$/m.exec(subject)?.[1] ?? "";

/** Returns a certificate's subject or issuer in one line. */
export const inOneLine = (name: string | undefined): string => (name ?? "").replaceAll("\n", ", ");

const KEY_USAGES = [
  "digitalSignature",
  "nonRepudiation",
  "keyEncipherment",
  "dataEncipherment",
  "keyAgreement",
  "keyCertSign",
  "cRLSign",
  "encipherOnly",
  "decipherOnly",
];

const EXTENDED_USAGES: Record<string, string> = {
  "1.3.6.1.5.5.7.3.1": "serverAuth",
  "1.3.6.1.5.5.7.3.2": "clientAuth",
  "2.5.29.37.0": "any",
};

function certificatesIn(text: string): [X509Certificate, ...X509Certificate[]] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length !== text.split("-----BEGIN CERTIFICATE-----").length - 1)
    throw new Error("it ends in the middle of a certificate");
  const [first, ...others] = blocks.map((block) => new X509Certificate(block));
  if (!first) throw new Error("no certificate in it");
  return [first, ...others];
}

function parse<T>(path: string, read: () => T, hint: string): T {
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
