import { createPrivateKey, type X509Certificate } from "node:crypto";
import { SafeTunnelError } from "../src/errors.ts";
import { AUTHORITY_NAME } from "../src/site/issued-names.ts";
import { daysLeft, type Held, inspectPair, isIssuedBy, namesOf } from "./inspect.ts";
import { type PairPaths, readPair } from "./pair-files.ts";

/** When a certificate is no longer kept. */
export interface Policy {
  now: Date;
  renewBeforeDays: number;
  force: boolean;
  forceAuthority: boolean;
}

/** What happens to a certificate, and why: a renewed authority keeps its key, everything else due gets a new one. */
export interface Step {
  done: "created" | "kept" | "renewed" | "replaced";
  reason?: string;
}

export interface Task {
  paths: PairPaths;
  step: Step;
  /** What is on disk, unless it is nothing or of no use. */
  held?: Held;
}

const authorityHint =
  'put the right file back, or run "gen-certs --force-authority" to replace the authority and every leaf';

/** Judges the authority on disk. Throws file-unreadable, invalid-certificate, key-mismatch. */
export async function planAuthority(paths: PairPaths, policy: Policy): Promise<Task> {
  const found = await find(paths, authorityHint, policy.forceAuthority);
  if (!found) return { paths, step: { done: "created" } };
  if (policy.forceAuthority) return { paths, step: { done: "replaced", reason: "--force-authority" } };
  if (found === "unsound" || !found.certificate.ca)
    throw new SafeTunnelError("invalid-certificate", `${paths.certificate} is not the certificate of an authority`, {
      hint: authorityHint,
    });
  return { paths, held: found, step: renewal(found.certificate, policy) };
}

/** Judges a site's leaf on disk against the authority. Throws file-unreadable, invalid-certificate, key-mismatch. */
export async function planLeaf(
  site: string,
  paths: PairPaths,
  authority: Task,
  hosts: string[],
  policy: Policy,
): Promise<Task> {
  const hint = `put the right file back, or run "gen-certs ${site} --force" to replace the pair`;
  const found = await find(paths, hint, policy.force || policy.forceAuthority);
  if (!found) return { paths, step: { done: "created" } };
  if (found === "unsound") return { paths, step: { done: "replaced", reason: "it was not sound" } };
  const trusted = keepsKey(authority) ? authority.held?.certificate : undefined;
  const reason = policy.force ? "--force" : whyReplace(found, trusted, hosts);
  return { paths, held: found, step: reason ? { done: "replaced", reason } : renewal(found.certificate, policy) };
}

/** Says whether the task writes a new certificate. */
export function isDue({ step }: Task): boolean {
  return step.done !== "kept";
}

/** Says whether the task goes on with the key that is there, if one is. */
export function keepsKey({ step }: Task): boolean {
  return step.done === "kept" || step.done === "renewed";
}

/** Makes sure that an authority which goes on can sign what is due. Throws authority-incomplete. */
export function requireSigner({ held, paths, step }: Task): void {
  const refuse = (what: string, hint: string) => new SafeTunnelError("authority-incomplete", what, { hint });
  if (!held?.key) throw refuse(`cannot issue a certificate without ${paths.key}`, authorityHint);
  if (createPrivateKey(held.key).asymmetricKeyType !== "rsa")
    throw refuse(
      `cannot issue a certificate with ${paths.key}, which is no RSA key`,
      "issue the sites' certificates with the tool that made this authority",
    );
  // A renewal that changed the subject of somebody else's authority would disown every leaf of it.
  if (step.done === "renewed" && !held.certificate.subject.includes(`CN=${AUTHORITY_NAME}`))
    throw refuse(
      `cannot renew ${paths.certificate}, which ${step.reason} and was not made by gen-certs`,
      "renew it with the tool that made it, and put both files back",
    );
}

function renewal(certificate: X509Certificate, { now, renewBeforeDays }: Policy): Step {
  if (certificate.validFromDate > now) return { done: "renewed", reason: "was not valid yet" };
  const days = daysLeft(certificate, now);
  if (days < 0) return { done: "renewed", reason: "had expired" };
  return days < renewBeforeDays ? { done: "renewed", reason: `had ${days} days left` } : { done: "kept" };
}

function whyReplace({ certificate, key }: Held, authority: X509Certificate | undefined, hosts: string[]) {
  if (!authority) return "the authority is new";
  if (!key) return "its key was missing";
  if (!isIssuedBy(certificate, authority)) return "another authority had signed it";
  const names = namesOf(certificate);
  const missing = hosts.filter((host) => !names.includes(host));
  return missing.length > 0 ? `lacked ${missing.join(", ")}` : undefined;
}

async function find(paths: PairPaths, hint: string, replaced: boolean): Promise<Held | "unsound" | undefined> {
  try {
    return inspectPair(paths, hint, await readPair(paths));
  } catch (error) {
    // What is replaced on request need not be sound, or nothing could ever mend it.
    if (replaced) return "unsound";
    throw error;
  }
}
