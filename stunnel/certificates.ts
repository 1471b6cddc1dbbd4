import { randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";
import { promisify } from "node:util";
import forge from "node-forge";
import { AUTHORITY_NAME, ORGANIZATION, serialNumberOf } from "../src/site/issued-names.ts";

const { asn1, pki } = forge;

export const dayMs = 24 * 60 * 60 * 1000;
const clockSkewMs = 5 * 60 * 1000;
export const leafDays = 397;
const authorityDays = 3653;

/** A certificate and its private key, both as PEM text; the key is PKCS#8. */
export interface Pair {
  certificate: string;
  key: string;
}

/** Both ends belong to the period, as RFC 5280 counts it. */
export interface Period {
  notBefore: Date;
  notAfter: Date;
}

export interface CertificateRequest {
  commonName: string;
  /** The organizational unit, which marks what is no site's own. */
  unit?: string;
  key: string;
  period: Period;
  /** The profile, in node-forge's terms; the two key identifiers are added to it. */
  extensions: object[];
  /** Who signs; left out, the certificate signs itself. */
  issuer?: Pair;
  /** The version of X.509; version 1 has no extensions at all. */
  version?: 1 | 3;
}

/** Generates an RSA key off the main thread, so that several are made at once. */
export async function generateKey(bits = 3072): Promise<string> {
  const { privateKey } = await promisify(pki.rsa.generateKeyPair)({ bits });
  return toUnixLines(pki.privateKeyInfoToPem(pki.wrapRsaPrivateKey(pki.privateKeyToAsn1(privateKey))));
}

/** Signs an X.509 certificate with SHA-256 and a random serial; every certificate of this project is made here. */
export function signCertificate(request: CertificateRequest): string {
  const { commonName, unit, key, period, extensions, issuer, version = 3 } = request;
  const subjectKey = pki.privateKeyFromPem(key);
  const issuerCertificate = issuer && pki.certificateFromPem(issuer.certificate);
  const certificate = pki.createCertificate();
  certificate.publicKey = pki.rsa.setPublicKey(subjectKey.n, subjectKey.e);
  certificate.serialNumber = randomSerial();
  certificate.validity = period;
  certificate.setSubject([
    { name: "commonName", value: commonName },
    ...(unit === undefined ? [] : [{ name: "organizationalUnitName", value: unit }]),
    { name: "organizationName", value: ORGANIZATION },
    // Stunnel logs a peer's subject and nothing else of it; an authority's has to outlast its certificate
    ...(isAuthority(extensions) ? [] : [{ name: "serialNumber", value: serialNumberOf(certificate.serialNumber) }]),
  ]);
  certificate.setIssuer(issuerCertificate ? attributesOf(issuerCertificate) : certificate.subject.attributes);
  const authorityKeyIdentifier = issuerCertificate ? keyIdentifierOf(issuerCertificate) : true;
  const identifiers = [
    { name: "subjectKeyIdentifier" },
    { name: "authorityKeyIdentifier", keyIdentifier: authorityKeyIdentifier },
  ];
  // counted from 0 in the certificate itself
  certificate.version = version - 1;
  certificate.setExtensions(version === 1 ? [] : [...extensions, ...identifiers]);
  // node-forge prepares what is to be signed; its own signature takes ten times as long as all the rest
  const signer = { sign: () => sign("sha256", contentOf(certificate), issuer?.key ?? key).toString("latin1") };
  certificate.sign(signer as unknown as forge.pki.rsa.PrivateKey, forge.md.sha256.create());
  return toUnixLines(pki.certificateToPem(certificate));
}

/** Makes the authority's certificate for a key, for ten years; its name differs from that of the one it replaces. */
export function createAuthority(key: string, now: Date, commonName = AUTHORITY_NAME): string {
  return signCertificate({
    commonName,
    key,
    period: periodFrom(now, authorityDays),
    extensions: authorityExtensions(1),
  });
}

/** Returns the extensions of an authority that may sign leaves and CRLs, with so many authorities below it. */
export function authorityExtensions(pathLenConstraint: number): object[] {
  return [
    { name: "basicConstraints", critical: true, cA: true, pathLenConstraint },
    { name: "keyUsage", critical: true, keyCertSign: true, cRLSign: true },
  ];
}

const isAuthority = (extensions: object[]): boolean => extensions.some((one) => Reflect.get(one, "cA") === true);

/** Makes a site's certificate, good for both ends of a tunnel, for at most 397 days and never past its issuer's end. */
export function createLeaf(site: string, names: string[], key: string, issuer: Pair, now: Date, unit?: string): string {
  const period = periodFrom(now, leafDays);
  const { notAfter } = pki.certificateFromPem(issuer.certificate).validity;
  return signCertificate({
    commonName: site,
    ...(unit !== undefined && { unit }),
    key,
    issuer,
    period: notAfter < period.notAfter ? { ...period, notAfter } : period,
    extensions: leafExtensions(names),
  });
}

/** Returns the extensions of a site's certificate. */
export function leafExtensions(names: string[]): object[] {
  return [
    { name: "basicConstraints", cA: false },
    // No keyEncipherment: the tunnels speak ECDHE suites only, where a leaf signs and never decrypts a secret.
    { name: "keyUsage", critical: true, digitalSignature: true },
    { name: "extKeyUsage", serverAuth: true, clientAuth: true },
    {
      name: "subjectAltName",
      altNames: names.map((name) => (isIP(name) ? { type: 7, ip: name } : { type: 2, value: name })),
    },
  ];
}

/** Returns the period of so many days in total, begun a little early for peers whose clocks are behind. */
export function periodFrom(now: Date, days: number): Period {
  const notBefore = new Date(now.getTime() - clockSkewMs);
  // One second less, since the last second belongs to the period.
  return { notBefore, notAfter: new Date(notBefore.getTime() + days * dayMs - 1000) };
}

function contentOf(certificate: forge.pki.Certificate): Buffer {
  return Buffer.from(asn1.toDer(certificate.tbsCertificate).getBytes(), "latin1");
}

function randomSerial(): string {
  const bytes = randomBytes(16);
  // The two top bits, 0 and 1, keep the number positive and its encoding minimal: strict parsers refuse anything else.
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x40, 0);
  return bytes.toString("hex");
}

function attributesOf(certificate: forge.pki.Certificate): forge.pki.CertificateField[] {
  return certificate.subject.attributes.map((attribute) =>
    // node-forge reads UTF-8 as bytes and encodes it again when it writes: an issuer named "Hôpital" would not match.
    Number(attribute.valueTagClass) === forge.asn1.Type.UTF8
      ? { ...attribute, value: forge.util.decodeUtf8(String(attribute.value)) }
      : attribute,
  );
}

function keyIdentifierOf(certificate: forge.pki.Certificate): string {
  const extension = certificate.getExtension("subjectKeyIdentifier") as { subjectKeyIdentifier?: string } | null;
  if (extension?.subjectKeyIdentifier) return forge.util.hexToBytes(extension.subjectKeyIdentifier);
  return certificate.generateSubjectKeyIdentifier().getBytes();
}

function toUnixLines(pem: string): string {
  return pem.replaceAll("\r\n", "\n");
}
