import { randomBytes, type X509Certificate } from "node:crypto";
import {
  authorityExtensions,
  type CertificateRequest,
  dayMs,
  leafExtensions,
  type Pair,
  type Period,
  periodFrom,
  signCertificate,
} from "./certificates.ts";

/** What the lab's identities are marked with, in their subject and in their file name. */
const MARK = "FAULTY";
/** Some are accepted by whoever believes their authority, so none lives longer than a workshop. */
const labDays = 7;

/** The faulty identities by their usual names, each with what is wrong; the folder is named so. */
export const FAULTS = {
  "untrusted-root": "issued by an authority that nobody here believes",
  "self-signed": "issued by itself",
  expired: "ended yesterday",
  "not-yet-valid": "begins in a year",
  "wrong-host": "has the right common name, and an alternative name of another host",
  sibling: "good, but of another host of the same authority",
  "wrong-usage-client-only": "may prove a client, and no server",
  "wrong-usage-server-only": "may prove a server, and no client",
  "incomplete-chain": "issued by an intermediate authority whose certificate is not sent",
  "missing-crl": "issued by an intermediate authority that is sent, and of which no CRL is at hand",
  "no-san": "bears its name as common name only",
  "x509-v1": "of version 1, which has no names and no usages",
  "weak-key": "has an RSA key of 1024 bits",
  revoked: "taken back: it stands in the CRL of the authority",
  "expired-crl": "good; the fault is the CRL that the other side has, which should have been renewed yesterday",
} as const;

export type Fault = keyof typeof FAULTS;

/** The keys of a lab: all identities of good strength share one, since none of them protects anything. */
export interface LabKeys {
  leaf: string;
  weak: string;
  authority: string;
}

/** Returns the fault that a certificate is marked with, undefined for one that is no identity of the lab. */
export function faultOf({ subject }: X509Certificate): string | undefined {
  return new RegExp(`^OU=${MARK} (.+)$`, "m").exec(subject)?.[1];
}

/** Makes a faulty identity that poses as a site, with what a peer is sent behind it; but for the one fault it is good. */
export function faultyIdentity(fault: Fault, site: string, authority: Pair, keys: LabKeys, now: Date): Pair {
  const intermediate = () => labAuthority("intermediate", keys.authority, now, authority);
  const good = {
    commonName: site,
    unit: `${MARK} ${fault}`,
    key: keys.leaf,
    period: periodFrom(now, labDays),
    extensions: leafExtensions([site, "localhost"]),
    issuer: authority,
  } satisfies CertificateRequest;
  const { issuer: _, ...unsigned } = good;
  const without = (name: string) => good.extensions.filter((extension) => Reflect.get(extension, "name") !== name);
  const usage = (usages: object) => [...without("extKeyUsage"), { name: "extKeyUsage", ...usages }];
  const variants: Record<Fault, () => CertificateRequest> = {
    "untrusted-root": () => ({ ...good, issuer: labAuthority("root", keys.authority, now) }),
    "self-signed": () => unsigned,
    expired: () => ({ ...good, period: around(now, -30, -1) }),
    "not-yet-valid": () => ({ ...good, period: around(now, 365, 365 + labDays) }),
    "wrong-host": () => ({ ...good, extensions: leafExtensions([`${site}.wrong-host.example`]) }),
    sibling: () => ({ ...good, commonName: "ris", extensions: leafExtensions(["ris"]) }),
    "wrong-usage-client-only": () => ({ ...good, extensions: usage({ clientAuth: true }) }),
    "wrong-usage-server-only": () => ({ ...good, extensions: usage({ serverAuth: true }) }),
    "incomplete-chain": () => ({ ...good, issuer: intermediate() }),
    "missing-crl": () => ({ ...good, issuer: intermediate() }),
    "no-san": () => ({ ...good, extensions: without("subjectAltName") }),
    "x509-v1": () => ({ ...good, extensions: [], version: 1 }),
    "weak-key": () => ({ ...good, key: keys.weak }),
    revoked: () => good,
    "expired-crl": () => good,
  };
  const request = variants[fault]();
  const behind = fault === "missing-crl" ? (request.issuer?.certificate ?? "") : "";
  return { certificate: signCertificate(request) + behind, key: request.key };
}

const around = (now: Date, fromDays: number, toDays: number): Period => ({
  notBefore: new Date(now.getTime() + fromDays * dayMs),
  notAfter: new Date(now.getTime() + toDays * dayMs),
});

function labAuthority(name: "root" | "intermediate", key: string, now: Date, issuer?: Pair): Pair {
  const certificate = signCertificate({
    commonName: `mllp-safetunnel lab ${name} ${randomBytes(4).toString("hex")}`,
    unit: `${MARK} ${name}`,
    key,
    period: periodFrom(now, labDays),
    extensions: authorityExtensions(0),
    ...(issuer && { issuer }),
  });
  return { certificate, key };
}
