import type { X509Certificate } from "node:crypto";
import { dottedOf, parseDer, partsOf } from "../../../stunnel/der.ts";
import { isIssuedBy, keyKindOf } from "../../../stunnel/inspect.ts";
import type { Text } from "../../languages.ts";

/** NIST SP 800-57, 112 bits of security, which is also what OpenSSL's security level 2 asks for. */
const LEAST = { modulusBits: 2048, curveBits: 224 };

/** Signatures over a digest of which collisions are made, by their object identifiers. */
const BROKEN_SIGNATURES: Record<string, string> = {
  "1.2.840.113549.1.1.2": "MD2",
  "1.2.840.113549.1.1.4": "MD5",
  "1.2.840.113549.1.1.5": "SHA-1",
  "1.3.14.3.2.29": "SHA-1",
  "1.2.840.10040.4.3": "SHA-1",
  "1.2.840.10045.4.1": "SHA-1",
};

/** Says what is weak about a certificate's key or signature, undefined where nothing is. */
export function weaknessOf(certificate: X509Certificate): Text | undefined {
  const { modulusLength, namedCurve = "" } = certificate.publicKey.asymmetricKeyDetails ?? {};
  const kind = keyKindOf(certificate);
  // a curve says its size in its name
  const curveBits = Number(/\d{3}/.exec(namedCurve)?.[0] ?? LEAST.curveBits);
  if ((modulusLength ?? LEAST.modulusBits) < LEAST.modulusBits) return keyBelow(kind, LEAST.modulusBits);
  if (curveBits < LEAST.curveBits) return keyBelow(kind, LEAST.curveBits);
  const [, algorithm] = partsOf(parseDer(certificate.raw));
  const digest = BROKEN_SIGNATURES[dottedOf(partsOf(algorithm)[0])];
  // a root is believed because it is at hand, whatever it says of itself
  if (digest === undefined || isIssuedBy(certificate, certificate)) return undefined;
  return { en: `signed with ${digest}, which can be forged`, fr: `signé avec ${digest}, ce qui se falsifie` };
}

const keyBelow = (kind: string, leastBits: number): Text => ({
  en: `key ${kind}, below ${leastBits} bits`,
  fr: `clé ${kind}, sous ${leastBits} bits`,
});
