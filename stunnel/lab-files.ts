import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { authorityPaths, pairOf } from "./authorities.ts";
import { dayMs, generateKey, type Pair } from "./certificates.ts";
import { createCrl, readCrls, revokes } from "./crl.ts";
import { crlPath } from "./crl-files.ts";
import { type EnsureOptions, ensureLocked } from "./ensure-certificates.ts";
import { daysLeft, inspectPair, isIssuedBy } from "./inspect.ts";
import { FAULTS, type Fault, faultyIdentity, type LabKeys } from "./lab.ts";
import { makeFolder, type PairPaths, pairPaths, readPair, readText, savePair, savePublic } from "./pair-files.ts";
import { planAuthority, requireSigner, type Step } from "./plan.ts";

/** What became of the identities of one fault. */
export interface LabOutcome extends Step {
  fault: Fault;
  what: string;
  folder: string;
}

const faults = Object.keys(FAULTS) as Fault[];

/** Returns where a faulty identity lies: in no folder and under no name that a Stunnel of a site looks for. */
export const labPaths = (folder: string, fault: Fault, site: string): PairPaths =>
  pairPaths(join(folder, "lab", fault), `${site}.faulty`);

const overdueList = (folder: string) => join(folder, "lab", "expired-crl", "ca.faulty.crl");

/**
 * Makes the faulty identities of a folder for each site, or keeps them while they are the authority's and their one
 * fault is still the only one; the revoked ones go into the authority's CRL. For whoever holds the lock.
 *
 * Throws authority-incomplete, file-unreadable, file-unwritable.
 */
export async function makeLab(options: EnsureOptions): Promise<LabOutcome[]> {
  const { folder, sites, newKey = generateKey } = options;
  const authority = await planAuthority(authorityPaths(folder), { ...options, forceAuthority: false });
  requireSigner(authority);
  const issuer = authority.held ? pairOf(authority.held) : { certificate: "", key: "" };
  const kept = !options.force && (await isSound(options, issuer));
  if (!kept) {
    const [leaf, other, weak] = await Promise.all([newKey(), newKey(), generateKey(1024)]);
    await writeLab(options, issuer, { leaf, authority: other, weak });
    const revoke = await Promise.all(sites.map((site) => certificateAt(labPaths(folder, "revoked", site))));
    await ensureLocked({
      ...options,
      force: false,
      forceAuthority: false,
      revoke: revoke.filter((one) => one !== undefined),
    });
  }
  return faults.map((fault) => ({
    fault,
    what: FAULTS[fault],
    folder: join(folder, "lab", fault),
    done: kept ? "kept" : "created",
  }));
}

async function writeLab({ folder, sites, now }: EnsureOptions, issuer: Pair, keys: LabKeys): Promise<void> {
  for (const fault of faults) {
    await makeFolder(join(folder, "lab", fault), 0o755);
    for (const site of sites)
      await savePair(labPaths(folder, fault, site), faultyIdentity(fault, site, issuer, keys, now));
  }
  const period = { notBefore: new Date(now.getTime() - 30 * dayMs), notAfter: new Date(now.getTime() - dayMs) };
  const expired = createCrl({ issuer, revoked: [], number: 1, period });
  await savePublic(overdueList(folder), expired);
}

async function isSound({ folder, sites, now }: EnsureOptions, issuer: Pair): Promise<boolean> {
  const authority = new X509Certificate(issuer.certificate);
  const path = crlPath(authorityPaths(folder));
  const crls = readCrls((await readText(path)) ?? "", path);
  if ((await readText(overdueList(folder))) === undefined) return false;
  for (const site of sites)
    for (const fault of faults) {
      const certificate = await certificateAt(labPaths(folder, fault, site));
      if (!certificate) return false;
      const ours = fault !== "sibling" || isIssuedBy(certificate, authority);
      const lasts = fault === "expired" || daysLeft(certificate, now) >= 1;
      const early = fault !== "not-yet-valid" || certificate.validFromDate > now;
      const takenBack = fault !== "revoked" || crls.some((crl) => revokes(crl, certificate));
      if (!ours || !lasts || !early || !takenBack) return false;
    }
  return true;
}

async function certificateAt(paths: PairPaths): Promise<X509Certificate | undefined> {
  try {
    const held = inspectPair(paths, "", await readPair(paths));
    return held?.key === undefined ? undefined : held.certificate;
  } catch {
    // what is damaged is made again
    return undefined;
  }
}
