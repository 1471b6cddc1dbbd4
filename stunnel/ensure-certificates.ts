import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import {
  AUTHORITY_NAMES,
  authorityPaths,
  otherAuthorities,
  pairOf,
  planLists,
  removeAuthority,
  requireAuthority,
  withAuthority,
} from "./authorities.ts";
import { createAuthority, createLeaf, generateKey, type Pair } from "./certificates.ts";
import { serialOf } from "./crl.ts";
import { type CrlOutcome, type CrlTask, saveCrl } from "./crl-files.ts";
import { commonNameOf, daysLeft, daysUntil, inOneLine, isIssuedBy, namesOf } from "./inspect.ts";
import { recordIssued } from "./issued.ts";
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
import { ensureProbes } from "./probes.ts";

export interface EnsureOptions extends Policy {
  folder: string;
  sites: string[];
  /** Names that each of the sites has to carry, in their canonical spelling. */
  hosts: string[];
  /** The user id that the folders of the sites are given to. */
  owner?: number | undefined;
  /** Certificates that their authority takes back. */
  revoke?: X509Certificate[];
  newKey?: () => Promise<string>;
}

/** What became of one certificate or CRL. */
export interface Outcome extends Step {
  path: string;
  subject: string;
  names: string[];
  expires: Date | undefined;
  daysLeft: number | undefined;
}

/**
 * Makes a folder hold an authority, its CRL and a leaf for each site: creates, keeps, renews or replaces, and tells
 * which. Everything is judged before anything is written, and the next run completes one that was interrupted.
 *
 * Throws key-mismatch, invalid-certificate, authority-incomplete, folder-locked, file-unreadable, file-unwritable.
 */
export async function ensureCertificates(options: EnsureOptions): Promise<Outcome[]> {
  return await withAuthority(options.folder, () => ensureLocked(options), options);
}

/** Does what ensureCertificates does, for whoever holds the lock. Throws what that throws, but folder-locked. */
export async function ensureLocked(options: EnsureOptions): Promise<Outcome[]> {
  const { folder, now, revoke = [], newKey = generateKey } = options;
  const everySite = [...new Set([...options.sites, ...(await findPairs(folder))])];
  const authorities = AUTHORITY_NAMES.map((name) => authorityPaths(folder, name));
  for (const paths of [...authorities, ...everySite.map((site) => leafPaths(folder, site))]) await recoverPair(paths);

  const authority = await planAuthority(authorityPaths(folder), options);
  if (!options.forceAuthority && authority.step.done === "created") await requireAuthority(folder, ["ca"]);
  const others = options.forceAuthority ? [] : await otherAuthorities(folder);
  // A change of the authority concerns the sites that were not named as well: they trust the old one.
  const sites = isDue(authority) ? everySite : options.sites;
  const lists = await planLists(authority, others, revoke, options);
  const planned = await Promise.all(sites.map((site) => planSite(site, authority, options)));
  const leaves = planned.map((leaf) => (isTakenBack(leaf, lists) ? keepRevoked(leaf, options) : leaf));
  if (keepsKey(authority) && [authority, ...leaves].some(isDue)) requireSigner(authority);

  const [issuer, keyed] = await Promise.all([
    issuerOf(authority, newKey, now),
    Promise.all(leaves.map(async (leaf) => ({ ...leaf, key: isDue(leaf) ? await newKey() : "" }))),
  ]);
  const issued = keyed.map((leaf) => ({ ...leaf, pair: leafPair(leaf, issuer, options) }));

  if (options.forceAuthority) for (const paths of authorities.slice(1)) await removeAuthority(paths);
  if (isDue(authority)) await savePair(authority.paths, issuer);
  const crls = await saveLists(lists, issuer, now);
  for (const leaf of issued) {
    await makeFolder(join(folder, leaf.site), 0o755);
    if (options.owner !== undefined) await giveFolder(join(folder, leaf.site), options.owner);
    // one that an earlier version issued is kept as well, before it is gone
    if (leaf.held) await recordIssued(folder, leaf.site, leaf.held.text);
    if (isDue(leaf)) await recordIssued(folder, leaf.site, leaf.pair.certificate);
    if (isDue(leaf)) await savePair(leaf.paths, leaf.pair);
    // whoever is shut out gets nothing more over the key for which that may be
    if (isDue(leaf) || !isTakenBack(leaf, lists))
      await ensureProbes(options, leaf.site, leaf.paths.certificate, leaf.pair, issuer);
  }
  const trusted = [issuer.certificate, ...others.map(({ held }) => held.text)].join("");
  for (const site of everySite) {
    // the lists first: an authority that is believed and has no list here would be refused
    await savePublic(join(folder, site, "ca.crl"), crls.map(({ text }) => text).join(""));
    await savePublic(join(folder, site, "ca.crt"), trusted);
  }
  const certificates = [{ ...authority, pair: issuer }, ...issued].map((task) => certificateOutcome(task, now));
  return [...certificates, ...crls.map((crl) => crlOutcome(crl, now))];
}

/** Returns where the pair of a site lies. */
export const leafPaths = (folder: string, site: string): PairPaths => pairPaths(join(folder, site), site);

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

function isTakenBack({ held }: Task, lists: CrlTask[]): boolean {
  return lists.some(({ authority, revoked }) => {
    if (!held || !authority || !isIssuedBy(held.certificate, authority.certificate)) return false;
    return revoked.some(({ serial }) => serial === serialOf(held.certificate));
  });
}

/** Whoever was shut out comes back by being named, not because something else is renewed. */
function keepRevoked(leaf: SiteTask, { force, forceAuthority, sites }: EnsureOptions): SiteTask {
  if (forceAuthority || (force && sites.includes(leaf.site))) return leaf;
  return { ...leaf, step: { done: "kept", reason: "revoked" } };
}

async function issuerOf(authority: Task, newKey: () => Promise<string>, now: Date): Promise<Pair> {
  const { held } = authority;
  // Without a key nothing is due, and the empty one is never used.
  if (held && !isDue(authority)) return pairOf(held);
  const key = (keepsKey(authority) && held?.key) || (await newKey());
  const name = keepsKey(authority) && held ? commonNameOf(held.certificate) : undefined;
  return { certificate: createAuthority(key, now, name), key };
}

function leafPair(leaf: SiteTask & { key: string }, issuer: Pair, { now }: EnsureOptions): Pair {
  const { held, site, hosts, key } = leaf;
  if (held && !isDue(leaf)) return pairOf(held);
  // The names that the last one had go on: a renewal must not break a link that is addressed by one of them.
  const names = new Set([site, "localhost", ...hosts, ...(held ? namesOf(held.certificate) : [])]);
  return { certificate: createLeaf(site, [...names], key, issuer, now), key };
}

async function saveLists([first, ...others]: CrlTask[], issuer: Pair, now: Date): Promise<CrlOutcome[]> {
  // one that is about to be made or renewed signs with its new certificate
  const saved = first ? [await saveCrl(first, issuer, now)] : [];
  for (const list of others) if (list.authority) saved.push(await saveCrl(list, pairOf(list.authority), now));
  return saved;
}

function certificateOutcome({ paths, step, pair }: Task & { pair: Pair }, now: Date): Outcome {
  const certificate = new X509Certificate(pair.certificate);
  return {
    path: paths.certificate,
    subject: inOneLine(certificate.subject),
    names: namesOf(certificate),
    expires: certificate.validToDate,
    daysLeft: daysLeft(certificate, now),
    ...step,
  };
}

function crlOutcome({ path, crl, done, reason }: CrlOutcome, now: Date): Outcome {
  const { issuer: subject, nextUpdate } = crl;
  const days = nextUpdate && daysUntil(nextUpdate, now);
  return { path, subject, names: [], expires: nextUpdate, daysLeft: days, done, ...(reason && { reason }) };
}
