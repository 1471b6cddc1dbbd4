import { createPrivateKey, X509Certificate } from "node:crypto";
import { join, parse } from "node:path";
import { AUTHORITY_NAME } from "../src/site/issued-names.ts";
import { createLeaf, dayMs, leafDays, type Pair } from "./certificates.ts";
import { commonNameOf, daysLeft, isIssuedBy, isSameKey, namesOf, readCertificates } from "./inspect.ts";
import { issuedTo, recordIssued } from "./issued.ts";
import { readText, savePublic } from "./pair-files.ts";
import type { Policy } from "./plan.ts";

/*
 * Two certificates over a site's own key that a peer has to refuse, for "check" to show: one has ended, the other is
 * good and made out to a name that nobody can have (RFC 2606). They give whoever has the key nothing that the site's
 * own certificate does not.
 */

const MARK = "probe";

/** Returns where the probes of a site lie, beside its certificate. */
export function probePaths(certificatePath: string): { expired: string; sibling: string } {
  const { dir, name } = parse(certificatePath);
  return { expired: join(dir, `${name}.expired.crt`), sibling: join(dir, `${name}.sibling.crt`) };
}

/** Returns the siblings over the keys of these certificates. Throws file-unreadable, invalid-certificate. */
export async function siblingsOf(
  certificates: X509Certificate[],
  { folder, sites, now }: { folder: string; sites: string[]; now: Date },
): Promise<X509Certificate[]> {
  const issued = await Promise.all(sites.map((site) => issuedTo(folder, site, now)));
  const siblings = issued.flat().filter(({ subject }) => subject.split("\n").includes(`OU=${MARK} sibling`));
  return siblings.filter((one) => certificates.some(({ publicKey }) => isSameKey(publicKey, one.publicKey)));
}

/**
 * Makes the probes of a site's pair, or keeps them while they are over its key, of its authority and good for their
 * purpose. An authority that was not made here signs nothing that nobody asked it for.
 *
 * Throws file-unreadable, file-unwritable.
 */
export async function ensureProbes(
  { folder, now, renewBeforeDays }: Policy & { folder: string },
  site: string,
  certificatePath: string,
  pair: Pair,
  issuer: Pair,
): Promise<void> {
  const authority = new X509Certificate(issuer.certificate);
  if (!commonNameOf(authority).startsWith(AUTHORITY_NAME) || !isRsa(issuer.key) || !isRsa(pair.key)) return;
  const own = new X509Certificate(pair.certificate);
  const paths = probePaths(certificatePath);
  const find = async (path: string) => {
    const found = await readProbe(path);
    return found && isSameKey(found.publicKey, own.publicKey) && isIssuedBy(found, authority) ? found : undefined;
  };

  const expired = await find(paths.expired);
  if (!expired || expired.validToDate >= now) {
    const names = [...new Set([site, ...namesOf(own)])];
    const longAgo = new Date(now.getTime() - (leafDays + 1) * dayMs);
    await savePublic(paths.expired, createLeaf(site, names, pair.key, issuer, longAgo, `${MARK} expired`));
  }

  const name = `sibling-of-${site}.invalid`;
  const sibling = await find(paths.sibling);
  const lasts = sibling && sibling.validFromDate <= now && daysLeft(sibling, now) >= renewBeforeDays;
  if (!lasts || !namesOf(sibling).includes(name)) {
    const made = createLeaf(name, [name], pair.key, issuer, now, `${MARK} sibling`);
    // first, so that whoever revokes the site revokes it as well
    await recordIssued(folder, site, made);
    await savePublic(paths.sibling, made);
  }
}

async function readProbe(path: string): Promise<X509Certificate | undefined> {
  const text = await readText(path);
  try {
    return text === undefined ? undefined : readCertificates(text, path, "")[0];
  } catch {
    // what is damaged is made again
    return undefined;
  }
}

const isRsa = (key: string): boolean => key !== "" && createPrivateKey(key).asymmetricKeyType === "rsa";
