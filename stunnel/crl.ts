import { createPrivateKey, sign, verify, X509Certificate } from "node:crypto";
import forge from "node-forge";
import { reasonOf, SafeTunnelError } from "../src/errors.ts";
import type { Pair, Period } from "./certificates.ts";
import {
  bitsOf,
  bytesOf,
  contentOf,
  type Der,
  dateOf,
  dottedOf,
  extensionIn,
  extensionOf,
  hexOf,
  integer,
  issuerNameOf,
  isTagged,
  nameText,
  octets,
  oid,
  parseDer,
  partsOf,
  sequence,
  subjectOf,
  tagged,
  time,
} from "./der.ts";

/** A certificate that its authority has taken back: the serial in hexadecimal, as Node prints it. */
export interface Revoked {
  serial: string;
  date: Date;
}

/** A certificate revocation list (RFC 5280, section 5), whoever signed it. */
export interface Crl {
  issuer: string;
  /** When it was made, and when the next one was promised; past that, nothing that its authority signed is accepted. */
  thisUpdate: Date;
  nextUpdate: Date | undefined;
  number: number | undefined;
  revoked: Revoked[];
  /** The list as DER. */
  raw: Buffer;
}

export interface CrlRequest {
  issuer: Pair;
  revoked: Revoked[];
  period: Period;
  number: number;
}

const KEY_IDENTIFIER = { ofAuthority: "2.5.29.35", ofSubject: "2.5.29.14" };
const CRL_NUMBER = "2.5.29.20";
/** The signature algorithms that are checked, with their digest: RSA PKCS#1 and ECDSA. */
const DIGESTS: Record<string, string> = {
  "1.2.840.113549.1.1.11": "sha256",
  "1.2.840.113549.1.1.12": "sha384",
  "1.2.840.113549.1.1.13": "sha512",
  "1.2.840.10045.4.3.2": "sha256",
  "1.2.840.10045.4.3.3": "sha384",
  "1.2.840.10045.4.3.4": "sha512",
};

/** Signs the list of what an authority has taken back, as PEM; the authority's key may be RSA or EC. */
export function createCrl({ issuer, revoked, period, number }: CrlRequest): string {
  const authority = new X509Certificate(issuer.certificate);
  const key = createPrivateKey(issuer.key);
  const algorithm = sequence(
    key.asymmetricKeyType === "rsa"
      ? [oid("1.2.840.113549.1.1.11"), forge.asn1.create(forge.asn1.Class.UNIVERSAL, forge.asn1.Type.NULL, false, "")]
      : [oid("1.2.840.10045.4.3.2")],
  );
  const entries = revoked.map(({ serial, date }) => sequence([integer(serial), time(date)]));
  const list = sequence([
    integer("01"),
    algorithm,
    // the name as the authority's certificate has it, byte for byte: that is how the list is found
    ...[subjectOf(authority)].filter((name) => name !== undefined),
    time(period.notBefore),
    time(period.notAfter),
    // an empty list of entries is left out (5.1.2.6)
    ...(entries.length > 0 ? [sequence(entries)] : []),
    tagged(0, [sequence(extensionsOf(authority, number))]),
  ]);
  const signature = Buffer.concat([Buffer.of(0), sign("sha256", bytesOf(list), key)]).toString("latin1");
  const { Class, Type, create } = forge.asn1;
  const signed = sequence([list, algorithm, create(Class.UNIVERSAL, Type.BITSTRING, false, signature)]);
  const pem = forge.pem.encode({ type: "X509 CRL", body: bytesOf(signed).toString("latin1") });
  return pem.replaceAll("\r\n", "\n");
}

/** Reads the lists in a PEM file, none where it holds none. Throws invalid-certificate. */
export function readCrls(text: string, path: string): Crl[] {
  const blocks = text.match(/-----BEGIN X509 CRL-----[\s\S]*?-----END X509 CRL-----/g) ?? [];
  const begun = text.match(/-----BEGIN X509 CRL-----/g)?.length ?? 0;
  try {
    if (begun !== blocks.length) throw new Error("it ends in the middle of a list");
    return blocks.map((block) => readCrl(Buffer.from(block.replace(/-----[^-]+-----|\s/g, ""), "base64")));
  } catch (cause) {
    throw new SafeTunnelError("invalid-certificate", `cannot read ${path}, it holds no sound CRL: ${reasonOf(cause)}`, {
      hint: "put the authority's CRL there again, as PEM",
      cause,
    });
  }
}

/** Says whether a list bears the name of an authority, byte for byte, whoever signed it. */
export function bearsNameOf({ raw }: Crl, authority: X509Certificate): boolean {
  const [list] = partsOf(parseDer(raw));
  const name = subjectOf(authority);
  return list !== undefined && name !== undefined && bytesOf(issuerOf(list)).equals(bytesOf(name));
}

/** Says whether an authority signed a list; undefined where the algorithm is none that is checked here. */
export function isSignedBy(crl: Crl, authority: X509Certificate): boolean | undefined {
  const [list, algorithm, signature] = partsOf(parseDer(crl.raw));
  if (!list || !bearsNameOf(crl, authority)) return false;
  const digest = DIGESTS[dottedOf(partsOf(algorithm)[0])];
  // the first byte says how many bits of the last one are unused, which is none
  const content = Buffer.from(bitsOf(signature), "latin1").subarray(1);
  if (digest === undefined) return undefined;
  try {
    return verify(digest, bytesOf(list), authority.publicKey, content);
  } catch {
    // a key of another kind, under the same name
    return false;
  }
}

/** Says whether a list takes a certificate back: serials are counted by each issuer for itself. */
export function revokes(crl: Crl, certificate: X509Certificate): boolean {
  const issuer = issuerNameOf(certificate);
  const [list] = partsOf(parseDer(crl.raw));
  if (!issuer || !list || !bytesOf(issuerOf(list)).equals(bytesOf(issuer))) return false;
  return crl.revoked.some(({ serial }) => serial === serialOf(certificate));
}

/** Returns a certificate's serial as lists are searched for it. */
export const serialOf = ({ serialNumber }: X509Certificate): string => serialNumber.replace(/^(?:00)+(?=..)/, "");

function readCrl(raw: Buffer): Crl {
  const [list] = partsOf(parseDer(raw));
  const fields = partsOf(list);
  const from = indexOfIssuer(fields);
  const thisUpdate = dateOf(fields[from + 1]);
  if (!thisUpdate) throw new Error("it has no date");
  const nextUpdate = dateOf(fields[from + 2]);
  const rest = fields.slice(from + (nextUpdate ? 3 : 2));
  const entries = rest[0] && !isTagged(rest[0], 0) ? partsOf(rest[0]) : [];
  const number = extensionIn(partsOf(rest.find((field) => isTagged(field, 0)))[0], CRL_NUMBER);
  return {
    issuer: nameText(fields[from]),
    thisUpdate,
    nextUpdate,
    number: number && Number.parseInt(hexOf(number), 16),
    revoked: entries.map((entry) => {
      const [serial, date] = partsOf(entry);
      return { serial: hexOf(serial), date: dateOf(date) ?? thisUpdate };
    }),
    raw,
  };
}

function extensionsOf(authority: X509Certificate, number: number): Der[] {
  const identifier = extensionOf(authority, KEY_IDENTIFIER.ofSubject);
  const extension = (id: string, value: Der) => sequence([oid(id), octets(bytesOf(value).toString("latin1"))]);
  return [
    ...(identifier ? [extension(KEY_IDENTIFIER.ofAuthority, sequence([tagged(0, contentOf(identifier))]))] : []),
    extension(CRL_NUMBER, integer(number.toString(16))),
  ];
}

// version 1 of a list has no number in front of the algorithm
const indexOfIssuer = (fields: Der[]): number => (fields[0]?.type === forge.asn1.Type.INTEGER ? 2 : 1);

function issuerOf(list: Der): Der {
  const fields = partsOf(list);
  return fields[indexOfIssuer(fields)] ?? sequence([]);
}
