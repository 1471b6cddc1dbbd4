import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { createAuthority, createLeaf, generateKey, type Pair } from "./certificates.ts";
import { withFolderLock } from "./folder-lock.ts";
import { daysLeft, namesOf } from "./inspect.ts";
import {
  findPairs,
  giveFolder,
  makeFolder,
  type PairPaths,
  pairPaths,
  recoverPair,
  savePair,
  savePublic,
} from "./pair-files.ts";
import { isDue, keepsKey, type Policy, planAuthority, planLeaf, requireSigner, type Step, type Task } from "./plan.ts";

export interface EnsureOptions extends Policy {
  folder: string;
  sites: string[];
  /** Names that each of the sites has to carry, in their canonical spelling. */
  hosts: string[];
  /** The user id that the folders of the sites are given to. */
  owner?: number | undefined;
  newKey?: () => Promise<string>;
}

/** What became of one certificate. */
export interface Outcome extends Step {
  path: string;
  subject: string;
  names: string[];
  expires: Date;
  daysLeft: number;
}

/**
 * Makes a folder hold an authority and a leaf for each site: creates, keeps, renews or replaces, and tells which.
 * Everything is judged before anything is written, and the next run completes one that was interrupted.
 *
 * Throws key-mismatch, invalid-certificate, authority-incomplete, folder-locked, file-unreadable, file-unwritable.
 */
export async function ensureCertificates(options: EnsureOptions): Promise<Outcome[]> {
  await makeFolder(options.folder, 0o755);
  // the lock lies beside the authority: in Compose each folder is a volume, and what holds them is read-only
  const authority = join(options.folder, "authority");
  await makeFolder(authority, 0o700);
  return await withFolderLock(authority, () => ensureLocked(options));
}

async function ensureLocked(options: EnsureOptions): Promise<Outcome[]> {
  const { folder, now, newKey = generateKey } = options;
  const everySite = [...new Set([...options.sites, ...(await findPairs(folder))])];
  const authorityPaths = pairPaths(join(folder, "authority"), "ca");
  for (const paths of [authorityPaths, ...everySite.map((site) => leafPaths(folder, site))]) await recoverPair(paths);

  const authority = await planAuthority(authorityPaths, options);
  // A change of the authority concerns the sites that were not named as well: they trust the old one.
  const sites = isDue(authority) ? everySite : options.sites;
  const leaves = await Promise.all(sites.map((site) => planSite(site, authority, options)));
  if (keepsKey(authority) && [authority, ...leaves].some(isDue)) requireSigner(authority);

  const [issuer, keyed] = await Promise.all([
    issuerOf(authority, newKey, now),
    Promise.all(leaves.map(async (leaf) => ({ ...leaf, key: isDue(leaf) ? await newKey() : "" }))),
  ]);
  const issued = keyed.map((leaf) => ({ ...leaf, pair: leafPair(leaf, issuer, options) }));

  if (isDue(authority)) await savePair(authorityPaths, issuer);
  for (const leaf of issued) {
    const siteFolder = join(folder, leaf.site);
    await makeFolder(siteFolder, 0o755);
    if (options.owner !== undefined) await giveFolder(siteFolder, options.owner);
    if (isDue(leaf)) await savePair(leaf.paths, leaf.pair);
    await savePublic(join(siteFolder, "ca.crt"), issuer.certificate);
  }
  return [{ ...authority, pair: issuer }, ...issued].map((task) => outcomeOf(task, now));
}

interface SiteTask extends Task {
  site: string;
  hosts: string[];
}

async function planSite(site: string, authority: Task, options: EnsureOptions): Promise<SiteTask> {
  const named = options.sites.includes(site);
  const hosts = named ? options.hosts : [];
  const policy = { ...options, force: options.force && named };
  return { site, hosts, ...(await planLeaf(site, leafPaths(options.folder, site), authority, hosts, policy)) };
}

async function issuerOf(authority: Task, newKey: () => Promise<string>, now: Date): Promise<Pair> {
  const { held } = authority;
  // Without a key nothing is due, and the empty one is never used.
  if (held && !isDue(authority)) return { certificate: held.text, key: held.key ?? "" };
  const key = (keepsKey(authority) && held?.key) || (await newKey());
  return { certificate: createAuthority(key, now), key };
}

function leafPair(leaf: SiteTask & { key: string }, issuer: Pair, { now }: EnsureOptions): Pair {
  const { held, site, hosts, key } = leaf;
  if (held && !isDue(leaf)) return { certificate: held.text, key };
  // The names that the last one had go on: a renewal must not break a link that is addressed by one of them.
  const names = new Set([site, "localhost", ...hosts, ...(held ? namesOf(held.certificate) : [])]);
  return { certificate: createLeaf(site, [...names], key, issuer, now), key };
}

function outcomeOf({ paths, step, pair }: Task & { pair: Pair }, now: Date): Outcome {
  const certificate = new X509Certificate(pair.certificate);
  return {
    path: paths.certificate,
    subject: certificate.subject.replaceAll("\n", ", "),
    names: namesOf(certificate),
    expires: certificate.validToDate,
    daysLeft: daysLeft(certificate, now),
    ...step,
  };
}

function leafPaths(folder: string, site: string): PairPaths {
  return pairPaths(join(folder, site), site);
}
