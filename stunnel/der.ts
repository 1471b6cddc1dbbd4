import type { X509Certificate } from "node:crypto";
import forge from "node-forge";

const { asn1, pki } = forge;

/** A value of DER as node-forge reads it; its ASN.1 knows every key type, while its certificates know RSA only. */
export type Der = forge.asn1.Asn1;

const NAME_AND_VALUE = { CN: "2.5.4.3", O: "2.5.4.10", OU: "2.5.4.11", C: "2.5.4.6", L: "2.5.4.7", ST: "2.5.4.8" };
const SHORT_NAMES = new Map(Object.entries(NAME_AND_VALUE).map(([short, oid]) => [oid, short]));

/** Reads one DER value. Throws whatever node-forge says of bytes that are none. */
export const parseDer = (bytes: Uint8Array): Der => asn1.fromDer(Buffer.from(bytes).toString("latin1"));

/** Returns the bytes of a DER value. */
export const bytesOf = (value: Der): Buffer => Buffer.from(asn1.toDer(value).getBytes(), "latin1");

/** Returns what a constructed value holds, and nothing for a primitive one. */
export const partsOf = (value: Der | undefined): Der[] => (Array.isArray(value?.value) ? value.value : []);

/** Returns the content of a primitive value, one character a byte. */
export const contentOf = (value: Der | undefined): string => (typeof value?.value === "string" ? value.value : "");

/** Returns the content of a BIT STRING, whose first byte says how many bits of the last one are unused. */
export const bitsOf = (value: Der | undefined): string =>
  // where the bits happen to be DER themselves, node-forge has read them and keeps the original beside
  (value as { bitStringContents?: string } | undefined)?.bitStringContents ?? contentOf(value);

/** Says whether a value is [number] of the context, as ASN.1's optional fields are. */
export const isTagged = (value: Der | undefined, number: number): boolean =>
  value?.tagClass === asn1.Class.CONTEXT_SPECIFIC && Number(value.type) === number;

/** Write a value of one kind each, of parts or of content with one character a byte. */
export const sequence = (parts: Der[]): Der => universal(asn1.Type.SEQUENCE, parts);
export const oid = (dotted: string): Der => universal(asn1.Type.OID, asn1.oidToDer(dotted).getBytes());
export const octets = (content: string): Der => universal(asn1.Type.OCTETSTRING, content);
export const tagged = (number: number, content: Der[] | string): Der =>
  asn1.create(asn1.Class.CONTEXT_SPECIFIC, number, Array.isArray(content), content);

/** Writes a number that is given in hexadecimal, as serial numbers are. */
export function integer(hex: string): Der {
  const whole = hex.length % 2 === 0 ? hex : `0${hex}`;
  // a leading one bit would read as a minus sign
  const unsigned = Number.parseInt(whole.slice(0, 2), 16) > 0x7f ? `00${whole}` : whole;
  return universal(asn1.Type.INTEGER, Buffer.from(unsigned, "hex").toString("latin1"));
}

/** Returns a number in hexadecimal, as Node writes serial numbers: capitals, no leading zero byte. */
export const hexOf = (value: Der | undefined): string =>
  Buffer.from(contentOf(value), "latin1")
    .toString("hex")
    .toUpperCase()
    .replace(/^(?:00)+(?=..)/, "");

/** Writes a time, which from 2050 on has four digits for its year (RFC 5280, 4.1.2.5). */
export function time(date: Date): Der {
  if (date.getUTCFullYear() < 2050) return universal(asn1.Type.UTCTIME, asn1.dateToUtcTime(date));
  return universal(asn1.Type.GENERALIZEDTIME, asn1.dateToGeneralizedTime(date));
}

/** Reads a time, undefined where the value is none. */
export function dateOf(value: Der | undefined): Date | undefined {
  if (value?.type === asn1.Type.UTCTIME) return asn1.utcTimeToDate(contentOf(value));
  return value?.type === asn1.Type.GENERALIZEDTIME ? asn1.generalizedTimeToDate(contentOf(value)) : undefined;
}

/** Returns the dotted form of an object identifier. */
export const dottedOf = (value: Der | undefined): string => asn1.derToOid(contentOf(value));

/** Returns a name as Node prints subjects, "CN=eai, O=hospital". */
export function nameText(name: Der | undefined): string {
  const attributes = partsOf(name).flatMap(partsOf).map(partsOf);
  return attributes
    .map(([type, value]) => {
      const dotted = dottedOf(type);
      const text = Buffer.from(contentOf(value), "latin1");
      const utf8 = value?.type === asn1.Type.UTF8;
      return `${SHORT_NAMES.get(dotted) ?? pki.oids[dotted] ?? dotted}=${text.toString(utf8 ? "utf8" : "latin1")}`;
    })
    .join(", ");
}

/** Returns the subject of a certificate as DER, which is how two names are compared. */
export function subjectOf(certificate: X509Certificate): Der | undefined {
  const fields = fieldsOf(certificate);
  // version 1 has no [0] with its number in front
  return fields[isTagged(fields[0], 0) ? 5 : 4];
}

/** Returns the issuer that a certificate names, as DER. */
export function issuerNameOf(certificate: X509Certificate): Der | undefined {
  const fields = fieldsOf(certificate);
  return fields[isTagged(fields[0], 0) ? 3 : 2];
}

/** Returns what an extension of a certificate holds, undefined where it has none of that kind. */
export function extensionOf(certificate: X509Certificate, dotted: string): Der | undefined {
  const list = fieldsOf(certificate).find((field) => isTagged(field, 3));
  return extensionIn(partsOf(list)[0], dotted);
}

/** Returns what an extension in a list of them holds (RFC 5280, 4.1: id, critical or not, value). */
export function extensionIn(list: Der | undefined, dotted: string): Der | undefined {
  const found = partsOf(list).find((extension) => dottedOf(partsOf(extension)[0]) === dotted);
  const value = partsOf(found).at(-1);
  return value && parseDer(Buffer.from(contentOf(value), "latin1"));
}

const fieldsOf = (certificate: X509Certificate): Der[] => partsOf(partsOf(parseDer(certificate.raw))[0]);

const universal = (type: forge.asn1.Type, value: Der[] | string): Der =>
  asn1.create(asn1.Class.UNIVERSAL, type, Array.isArray(value), value);
