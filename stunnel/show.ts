import type { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { reasonOf } from "../src/errors.ts";
import { type Endpoint, placeOf } from "../src/mllp/endpoint.ts";
import type { TrustPaths } from "../src/site/stunnel-conf.ts";
import type { Crl } from "./crl.ts";
import { leafPaths } from "./ensure-certificates.ts";
import { commonNameOf, daysLeft, daysUntil, inOneLine, keyKindOf, namesOf, pathOf, usagesOf } from "./inspect.ts";
import { lifetimesOf } from "./lifetimes.ts";
import { type Material, readMaterial } from "./material.ts";
import { NOT_LOADED, type Notice, noticesOf } from "./notices.ts";
import { servedBy } from "./served.ts";

/** Everything that can be said of a certificate, in the order in which it is shown. */
export interface CertificateFacts {
  path: string;
  subject: string;
  issuer: string;
  names: string[];
  usage: string[];
  key: string;
  signature: string;
  serial: string;
  fingerprint256: string;
  from: Date;
  ends: Date;
  daysLeft: number;
  /** For an own certificate: whom it leads to, over which others, and whether that one is believed. */
  chain?: string;
}

/** Everything that can be said of a CRL. */
export interface CrlFacts {
  path: string;
  issuer: string;
  number: number | undefined;
  from: Date;
  ends: Date | undefined;
  daysLeft: number | undefined;
  revoked: { serial: string; date: Date }[];
}

/** What one Stunnel is given, and what it serves. */
export interface Shown {
  title: string;
  certificates: CertificateFacts[];
  crls: CrlFacts[];
  served?: { place: string; fingerprint256?: string; asOnDisk?: boolean; error?: string };
  warnings: string[];
}

/** Describes the files of one Stunnel, by the digest of what it has `loaded` whether it has read them, and what it serves where a place is given. Never throws: what cannot be read is a warning. */
export async function show(
  title: string,
  paths: TrustPaths,
  endpoint: Endpoint | undefined,
  now: Date,
  loaded?: string,
): Promise<Shown> {
  const [material, served] = await Promise.all([
    readMaterial(paths).catch((error: unknown) => reasonOf(error)),
    endpoint && askServed(endpoint),
  ]);
  const files =
    typeof material === "string"
      ? { certificates: [], crls: [], warnings: [material] }
      : { ...describe(material, now), warnings: warningsOf([...lifetimesOf(material, now), ...noticesOf(material)]) };
  if (!served) return { title, ...files };
  if (typeof material === "string" || served.fingerprint256 === undefined) return { title, ...files, served };
  const asOnDisk = served.fingerprint256 === material.chain[0].fingerprint256;
  const differs = `${served.place} serves another certificate than ${paths.certificate} holds: renewed and not reloaded?`;
  const unread = loaded !== undefined && loaded !== material.digest;
  const warnings = [...files.warnings, ...(asOnDisk ? [] : [differs]), ...(unread ? [NOT_LOADED] : [])];
  return { title, ...files, served: { ...served, asOnDisk }, warnings };
}

/** Returns where a site's files lie in a folder that gen-certs made. */
export function trustPathsIn(folder: string, site: string): TrustPaths {
  const of = (name: string) => join(folder, site, name);
  return {
    ...leafPaths(folder, site),
    authorities: of("ca.crt"),
    crl: existsSync(of("ca.crl")) ? of("ca.crl") : undefined,
  };
}

function describe({ paths, chain, authorities, crls = [] }: Material, now: Date) {
  const [own, ...behind] = chain;
  const facts = (path: string, certificate: X509Certificate) => ({ path, ...certificateFacts(certificate, now) });
  return {
    certificates: [
      { ...facts(paths.certificate, own), chain: chainOf(chain, authorities) },
      ...behind.map((certificate) => facts(paths.certificate, certificate)),
      ...authorities.map((certificate) => facts(paths.authorities, certificate)),
    ],
    crls: crls.map((crl) => crlFacts(paths.crl ?? "", crl, now)),
  };
}

/** Returns everything that can be said of one certificate, wherever it was found. */
export function certificateFacts(certificate: X509Certificate, now: Date): Omit<CertificateFacts, "path"> {
  const { key, extended } = usagesOf(certificate);
  return {
    subject: inOneLine(certificate.subject),
    issuer: inOneLine(certificate.issuer),
    names: namesOf(certificate),
    usage: [...key, ...extended],
    key: keyKindOf(certificate),
    signature: certificate.signatureAlgorithm ?? "unknown",
    serial: certificate.serialNumber,
    fingerprint256: certificate.fingerprint256,
    from: certificate.validFromDate,
    ends: certificate.validToDate,
    daysLeft: daysLeft(certificate, now),
  };
}

function crlFacts(path: string, { issuer, number, thisUpdate, nextUpdate, revoked }: Crl, now: Date): CrlFacts {
  const ends = nextUpdate;
  return { path, issuer, number, from: thisUpdate, ends, daysLeft: ends && daysUntil(ends, now), revoked };
}

function chainOf(chain: Material["chain"], authorities: X509Certificate[]): string {
  const { path, believed } = pathOf(chain, authorities);
  return path.map(commonNameOf).join(", ") + (believed ? "" : ", which leads to no authority here");
}

async function askServed(endpoint: Endpoint): Promise<NonNullable<Shown["served"]>> {
  const place = placeOf(endpoint);
  return await servedBy(endpoint).then(
    ({ fingerprint256 }) => ({ place, fingerprint256 }),
    (error: unknown) => ({ place, error: reasonOf(error) }),
  );
}

function warningsOf(notices: Notice[]): string[] {
  return notices.filter(({ level }) => level !== "info").map(({ path, text }) => `${path}: ${text.en}`);
}
