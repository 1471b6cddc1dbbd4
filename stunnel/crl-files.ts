import { X509Certificate } from "node:crypto";
import { SafeTunnelError } from "../src/errors.ts";
import { type Pair, periodFrom } from "./certificates.ts";
import { type Crl, createCrl, isSignedBy, type Revoked, readCrls } from "./crl.ts";
import { daysUntil, type Held, inOneLine } from "./inspect.ts";
import { type PairPaths, readText, savePublic } from "./pair-files.ts";
import type { Policy, Step } from "./plan.ts";

/*
 * A list lives as long as a leaf: it reaches the sites by the same command, and a lab that is left alone should not stop
 * before its certificates do. A real authority publishes one every week or so.
 */
const crlDays = 397;

/** What becomes of an authority's list. */
export interface CrlTask {
  /** Whose list it is; undefined for an authority that is about to be made. */
  authority: Held | undefined;
  path: string;
  step: Step;
  /** What stands in the file, and what of it goes on. */
  text: string | undefined;
  revoked: Revoked[];
  number: number;
}

/** What became of it. */
export interface CrlOutcome extends Step {
  path: string;
  text: string;
  crl: Crl;
}

/** Returns the path of the list that an authority signs. */
export const crlPath = ({ certificate }: PairPaths): string => certificate.replace(/\.crt$/, ".crl");

/** Judges the list of an authority, to which certificates may come. Throws file-unreadable, invalid-certificate, authority-incomplete. */
export async function planCrl(
  paths: PairPaths,
  authority: Held | undefined,
  added: Revoked[],
  { now, renewBeforeDays }: Policy,
): Promise<CrlTask> {
  const path = crlPath(paths);
  const text = await readText(path);
  const step: Step = { done: "created" };
  const none = { authority, path, text: undefined, revoked: [], number: 1, step };
  // an authority that is about to be made has taken nothing back
  if (!authority) return none;
  const { certificate, key } = authority;
  const lists = text === undefined ? [] : readCrls(text, path);
  if (text !== undefined && lists.length === 0)
    throw new SafeTunnelError("invalid-certificate", `cannot use ${path}, no CRL is in it`, {
      hint: "put the authority's CRL there again, as PEM, or remove it for a new one that takes nothing back",
    });
  // one whose signature cannot be checked is taken for the authority's: a new one would take nothing back
  const held = lists.find((crl) => isSignedBy(crl, certificate) !== false);
  const known = new Set(held?.revoked.map(({ serial }) => serial));
  const fresh = added.filter(({ serial }) => !known.has(serial) && known.add(serial));
  // without its key an authority's list is somebody else's to renew: it is good while it lasts
  const due = held ? renewalOf(held, fresh, now, key === undefined ? 0 : renewBeforeDays) : step;
  if (due.done !== "kept" && key === undefined)
    throw new SafeTunnelError("authority-incomplete", `cannot sign ${path} without ${paths.key}`, {
      hint: `put the CRL of ${inOneLine(certificate.subject)} there, as PEM, or the key back`,
    });
  if (!held) return { ...none, revoked: fresh };
  return { authority, path, step: due, text, revoked: [...held.revoked, ...fresh], number: (held.number ?? 0) + 1 };
}

/** Writes the list of an authority where it is due. Throws file-unwritable. */
export async function saveCrl(
  { path, step, text, revoked, number }: CrlTask,
  issuer: Pair,
  now: Date,
): Promise<CrlOutcome> {
  const due = step.done !== "kept" || text === undefined;
  const content = due ? createCrl({ issuer, revoked, number, period: periodFrom(now, crlDays) }) : text;
  if (due) await savePublic(path, content);
  const certificate = new X509Certificate(issuer.certificate);
  const crl = readCrls(content, path).find((one) => isSignedBy(one, certificate) !== false);
  if (!crl) throw new SafeTunnelError("invalid-certificate", `cannot use ${path}`, { hint: "remove it and run again" });
  return { path, text: content, crl, ...step };
}

function renewalOf({ thisUpdate, nextUpdate }: Crl, fresh: Revoked[], now: Date, renewBeforeDays: number): Step {
  if (fresh.length > 0) return { done: "renewed", reason: `${fresh.length} more revoked` };
  if (thisUpdate > now) return { done: "renewed", reason: "was not valid yet" };
  const days = nextUpdate ? daysUntil(nextUpdate, now) : Number.POSITIVE_INFINITY;
  if (days < 0) return { done: "renewed", reason: "had expired" };
  return days < renewBeforeDays ? { done: "renewed", reason: `had ${days} days left` } : { done: "kept" };
}
