import type { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { SafeTunnelError } from "../src/errors.ts";
import type { Pair } from "./certificates.ts";
import { serialOf } from "./crl.ts";
import { type CrlTask, crlPath, planCrl } from "./crl-files.ts";
import { withFolderLock } from "./folder-lock.ts";
import { type Held, inOneLine, inspectPair, isIssuedBy } from "./inspect.ts";
import { findPairs, makeFolder, type PairPaths, pairPaths, readPair, writing } from "./pair-files.ts";
import { keepsKey, type Policy, type Task } from "./plan.ts";

/** The authorities of a folder: who issues, and while the authority is replaced, who will or who did. */
export const AUTHORITY_NAMES = ["ca", "next", "previous"] as const;

/** Returns where a pair of the authority lies. */
export const authorityPaths = (folder: string, name: (typeof AUTHORITY_NAMES)[number] = "ca"): PairPaths =>
  pairPaths(join(folder, "authority"), name);

/** An authority that is believed beside the one that issues. */
export interface OtherAuthority {
  paths: PairPaths;
  held: Held;
}

/**
 * Makes sure that no authority is made where a site has a certificate and one of these authorities is not there: the new
 * one would replace what others believe in. Throws authority-incomplete, file-unreadable.
 */
export async function requireAuthority(
  folder: string,
  names: readonly (typeof AUTHORITY_NAMES)[number][] = AUTHORITY_NAMES,
): Promise<void> {
  // the sites first: another process that begins here makes its authority before them
  const pairs = (await findPairs(folder)).map((site) => pairPaths(join(folder, site), site));
  const issued = pairs.find(({ certificate }) => existsSync(certificate));
  if (!issued || names.some((name) => Object.values(authorityPaths(folder, name)).some(existsSync))) return;
  const what = `${issued.certificate} has an authority, and no authority is in ${join(folder, "authority")}`;
  throw new SafeTunnelError("authority-incomplete", `cannot issue or revoke certificates: ${what}`, {
    hint: 'run it where its ca.key is; for a new authority and new pairs for every site: "gen-certs --force-authority"',
  });
}

/**
 * Runs an action while no other process changes the certificates of a folder.
 *
 * Throws authority-incomplete (unless it is to be replaced), folder-locked, file-unreadable, file-unwritable.
 */
export async function withAuthority<T>(
  folder: string,
  action: () => Promise<T>,
  { forceAuthority } = { forceAuthority: false },
): Promise<T> {
  await makeFolder(folder, 0o755);
  // before the lock, which is a file
  if (!forceAuthority) await requireAuthority(folder);
  // the lock lies beside the authority: in Compose each folder is a volume, and what holds them is read-only
  const authority = join(folder, "authority");
  await makeFolder(authority, 0o700);
  return await withFolderLock(authority, action);
}

/** Reads one authority of a folder, undefined if there is none. Throws file-unreadable, invalid-certificate, key-mismatch. */
export async function readAuthority(folder: string, name: (typeof AUTHORITY_NAMES)[number]): Promise<Held | undefined> {
  const paths = authorityPaths(folder, name);
  // without "ca" a folder would get another authority, which nobody asked for
  const hint = name === "ca" ? "put the right file back" : "put the right files back, or remove both";
  return inspectPair(paths, hint, await readPair(paths));
}

/** Returns the authorities beside the one that issues. Throws file-unreadable, invalid-certificate, key-mismatch. */
export async function otherAuthorities(folder: string): Promise<OtherAuthority[]> {
  const others: OtherAuthority[] = [];
  for (const name of ["next", "previous"] as const) {
    const held = await readAuthority(folder, name);
    if (held) others.push({ paths: authorityPaths(folder, name), held });
  }
  return others;
}

/** Removes an authority that is no longer believed, its list and its key. Throws file-unwritable. */
export async function removeAuthority(paths: PairPaths): Promise<void> {
  // in this order, because an authority without its key is still one, and without its list it is refused
  for (const path of [paths.key, paths.certificate, crlPath(paths)])
    await writing(path, () => rm(path, { force: true }));
}

/**
 * Judges the list of each authority; what is to be revoked goes into that of its issuer.
 *
 * Throws file-unreadable, invalid-certificate, authority-incomplete.
 */
export async function planLists(
  issuer: Task,
  others: OtherAuthority[],
  revoke: X509Certificate[],
  policy: Policy,
): Promise<CrlTask[]> {
  const authorities = [{ paths: issuer.paths, held: keepsKey(issuer) ? issuer.held : undefined }, ...others];
  const issuedBy = (certificate: X509Certificate) =>
    authorities.find(({ held }) => held && isIssuedBy(certificate, held.certificate));
  for (const certificate of revoke)
    if (!issuedBy(certificate))
      throw new SafeTunnelError(
        "invalid-certificate",
        `cannot revoke ${inOneLine(certificate.subject)} (${certificate.serialNumber}), no authority of this folder issued it`,
        { hint: "ask the authority that issued it to revoke it, and put its CRL beside the CA certificate" },
      );
  return await Promise.all(
    authorities.map(({ paths, held }) => {
      const added = revoke
        .filter((certificate) => issuedBy(certificate)?.paths === paths)
        .map((certificate) => ({ serial: serialOf(certificate), date: policy.now }));
      return planCrl(paths, held, added, policy);
    }),
  );
}

/** Returns an authority's pair to sign with; the key is empty where it has none and nothing is to be signed. */
export const pairOf = ({ text, key = "" }: Held): Pair => ({ certificate: text, key });
