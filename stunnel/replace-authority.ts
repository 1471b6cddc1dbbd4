import { join } from "node:path";
import { SafeTunnelError } from "../src/errors.ts";
import { AUTHORITY_NAME } from "../src/site/issued-names.ts";
import {
  AUTHORITY_NAMES,
  authorityPaths,
  pairOf,
  readAuthority,
  removeAuthority,
  requireAuthority,
} from "./authorities.ts";
import { createAuthority, generateKey } from "./certificates.ts";
import { isSignedBy, readCrls } from "./crl.ts";
import { crlPath } from "./crl-files.ts";
import { type EnsureOptions, ensureLocked, leafPaths, type Outcome } from "./ensure-certificates.ts";
import { commonNameOf, type Held, isIssuedBy, readCertificates } from "./inspect.ts";
import { type PairPaths, readText, recoverPair, savePair, savePublic } from "./pair-files.ts";

/*
 * An authority is replaced in three steps, and after each of them the sites reload, so that at no moment a site shows a
 * certificate which the other does not believe:
 *
 *   add      ca issues; next is believed beside it
 *   switch   next has become ca and has issued every leaf; the old one is still believed, as previous
 *   retire   previous is believed no more
 *
 * Each step may be run again, and completes one that was interrupted.
 */

/** The steps of a replacement, in their order. */
export const STEPS = ["add", "switch", "retire"] as const;

/** Does one step of replacing the authority, for whoever holds the lock. Throws authority-incomplete and what ensureLocked throws. */
export async function replaceAuthority(step: (typeof STEPS)[number], options: EnsureOptions): Promise<Outcome[]> {
  const { folder } = options;
  for (const name of AUTHORITY_NAMES) await recoverPair(authorityPaths(folder, name));
  await { add, switch: switchOver, retire }[step](options);
  return await ensureLocked({ ...options, force: false, forceAuthority: false });
}

async function add({ folder, now, newKey = generateKey }: EnsureOptions): Promise<void> {
  const { ca, next, previous } = await read(folder);
  const hint = 'reload both sites, and run "certs authority retire"';
  if (previous) throw refusal("the last replacement is not finished: the previous authority is still believed", hint);
  if (next) return;
  if (!ca) throw refusal("there is no authority to replace", 'make one with "gen-certs"');
  const key = await newKey();
  const pair = { certificate: createAuthority(key, now, nextName(commonNameOf(ca.certificate))), key };
  await savePair(authorityPaths(folder, "next"), pair);
}

async function switchOver({ folder, sites }: EnsureOptions): Promise<void> {
  const { ca, next, previous } = await read(folder);
  const paths = pathsOf(folder);
  if (!next && !previous) throw refusal("there is no authority to switch to", beforeSwitch);
  if (next && ca?.certificate.fingerprint256 !== next.certificate.fingerprint256) {
    if (!next.key) throw refusal(`${paths.next.key} is missing`, "put it back, or remove next.crt and add again");
    await requireBelieved(next, folder, sites);
    if (ca) {
      await copyList(paths.ca, paths.previous);
      if (ca.key) await savePair(paths.previous, pairOf(ca));
      else await savePublic(paths.previous.certificate, ca.text);
    }
    await savePair(paths.ca, pairOf(next));
  }
  // where this was done before, the list at its new place may have grown since
  if (next && !(await holdsListOf(next, paths.ca))) await copyList(paths.next, paths.ca);
  await removeAuthority(paths.next);
}

async function retire({ folder, sites }: EnsureOptions): Promise<void> {
  await requireAuthority(folder, ["ca"]);
  const { next, previous } = await read(folder);
  for (const site of sites) {
    const path = leafPaths(folder, site).certificate;
    const text = await readText(path);
    const old = previous && text && isIssuedBy(readCertificates(text, path, beforeRetire)[0], previous.certificate);
    if (next || old) throw refusal(`the certificate of ${site} is still the old authority's`, beforeRetire);
  }
  await removeAuthority(pathsOf(folder).previous);
}

const beforeSwitch = 'run "certs authority add", and reload both sites';
const beforeRetire =
  'run "certs authority switch", and "certs rotate" with the name of a site that is revoked and may come back';

/** Makes sure that no site would refuse what the next authority is about to issue. */
async function requireBelieved(next: Held, folder: string, sites: string[]): Promise<void> {
  for (const site of sites) {
    const path = join(folder, site, "ca.crt");
    if (!(await readText(path))?.includes(next.text))
      throw refusal(`${path} does not hold the next authority yet`, beforeSwitch);
  }
}

const pathsOf = (folder: string) => ({
  ca: authorityPaths(folder, "ca"),
  next: authorityPaths(folder, "next"),
  previous: authorityPaths(folder, "previous"),
});

async function read(folder: string) {
  const [ca, next, previous] = await Promise.all(AUTHORITY_NAMES.map((name) => readAuthority(folder, name)));
  return { ca, next, previous };
}

async function copyList(from: PairPaths, to: PairPaths): Promise<void> {
  const text = await readText(crlPath(from));
  if (text !== undefined) await savePublic(crlPath(to), text);
}

async function holdsListOf({ certificate }: Held, paths: PairPaths): Promise<boolean> {
  const path = crlPath(paths);
  return readCrls((await readText(path)) ?? "", path).some((crl) => isSignedBy(crl, certificate));
}

/** Two authorities of one name would be taken for each other where a list or an issuer is looked for. */
function nextName(name: string): string {
  const [, stem = AUTHORITY_NAME, number = "1"] = /^(.*?)(?: (\d+))?$/.exec(name) ?? [];
  return `${stem} ${Number(number) + 1}`;
}

const refusal = (what: string, hint: string) => new SafeTunnelError("authority-incomplete", what, { hint });
