import type { X509Certificate } from "node:crypto";
import { dayMs } from "./certificates.ts";
import { type Crl, isSignedBy, revokes } from "./crl.ts";
import { dayOf, daysUntil, inOneLine, isIssuedBy, pathOf, usagesOf } from "./inspect.ts";
import { faultOf } from "./lab.ts";
import type { Material } from "./material.ts";

/** What a person has to know of the files of a Stunnel, without opening a connection. */
export interface Notice {
  level: "info" | "warn" | "error";
  /** Whether the other side refuses everything, or we refuse everybody, while it is so. */
  fatal?: true;
  path: string;
  text: string;
}

/** What is said where the disk holds something that Stunnel has not read. */
export const NOT_LOADED = 'the files are newer than what Stunnel has read: run "certs reload"';

/** How long a certificate or a CRL is good, as one notice; below 30 days it is a warning, below 7 an error. */
export interface Lifetime extends Notice {
  /** The certificate's subject, or the CRL's issuer. */
  subject: string;
  ends: Date | undefined;
  daysLeft: number | undefined;
}

/** What is given for a shorter time than three months is judged by its own period: below a third, below a tenth of it. */
const LIMITS = { warnDays: 30, errorDays: 7, warnPart: 1 / 3, errorPart: 1 / 10 };

/** Returns the days left of everything that a Stunnel was given, in the order own, authorities, CRLs. */
export function lifetimesOf({ paths, chain, authorities, crls = [] }: Material, now: Date): Lifetime[] {
  const [own, ...behind] = chain;
  const outside = (from: Date, ends: Date) => (from > now || ends < now ? { fatal: true as const } : {});
  return [
    { ...certificateLifetime(paths.certificate, own, now), ...outside(own.validFromDate, own.validToDate) },
    ...behind.map((certificate) => certificateLifetime(paths.certificate, certificate, now)),
    // an authority on its way out may have ended
    ...authorities.map((certificate) => certificateLifetime(paths.authorities, certificate, now)),
    ...newestOf(crls).map((crl) => ({
      ...crlLifetime(paths.crl ?? "", crl, now),
      ...outside(crl.thisUpdate, crl.nextUpdate ?? now),
    })),
  ];
}

/** Returns what is wrong with the files of a Stunnel beside their dates, nothing where they are as they should be. */
export function noticesOf({ paths, chain, authorities, crls }: Material): Notice[] {
  const [own] = chain;
  const error = (path: string, text: string): Notice => ({ level: "error", path, text });
  const fatal = (path: string, text: string): Notice => ({ ...error(path, text), fatal: true });
  const notices: Notice[] = [];
  const fault = faultOf(own);
  if (fault)
    notices.push(fatal(paths.certificate, `is marked as faulty (${fault}): it belongs to the lab, not to a site`));
  const issuer = [...chain.slice(1), ...authorities].find((authority) => isIssuedBy(own, authority));
  if (!pathOf(chain, authorities).believed)
    notices.push({
      level: "warn",
      path: paths.certificate,
      text: `does not lead to an authority of ${paths.authorities}: an intermediate certificate is missing behind it, or another authority issued it`,
    });
  const { key, extended } = usagesOf(own);
  if (key.length > 0 && !key.includes("digitalSignature"))
    notices.push(fatal(paths.certificate, "lacks digitalSignature, which every handshake of these tunnels takes"));
  // OpenSSL takes "any" for neither of them
  for (const usage of ["serverAuth", "clientAuth"])
    if (extended.length > 0 && !extended.includes(usage))
      notices.push(fatal(paths.certificate, `lacks ${usage}, and a site is server on one leg and client on the other`));
  if (crls === undefined || paths.crl === undefined) {
    notices.push({ level: "warn", path: paths.certificate, text: "no CRLfile is set: revoked peers are accepted" });
    return notices;
  }
  if (crls.some((crl) => revokes(crl, own) && (!issuer || isSignedBy(crl, issuer) !== false)))
    notices.push(error(paths.certificate, "is revoked: every peer that has this CRL refuses it"));
  for (const crl of crls)
    if (![...authorities, ...chain.slice(1)].some((authority) => isSignedBy(crl, authority) !== false))
      notices.push(error(paths.crl, `holds a CRL of ${crl.issuer} that no authority here signed`));
  for (const authority of new Set([...authorities, ...(issuer ? [issuer] : [])]))
    if (!crls.some((crl) => isSignedBy(crl, authority) !== false))
      notices.push({
        // Stunnel wants the list of who issued the peer's leaf: a root that issues none itself needs no list here
        ...(authority === issuer ? { level: "error", fatal: true } : { level: "info" }),
        path: paths.crl,
        text: `has no CRL of ${inOneLine(authority.subject)}: a peer with a certificate that it issued itself is refused, and reads "unknown ca"`,
      });
  return notices;
}

/** Of several lists of one authority the newest counts. */
function newestOf(crls: Crl[]): Crl[] {
  const newer = (one: Crl, other: Crl) => one.issuer === other.issuer && one.thisUpdate > other.thisUpdate;
  return crls.filter((crl) => !crls.some((other) => newer(other, crl)));
}

function certificateLifetime(path: string, certificate: X509Certificate, now: Date): Lifetime {
  const subject = inOneLine(certificate.subject);
  const { validFromDate: from, validToDate: ends } = certificate;
  if (from > now) {
    const text = `${subject} is valid only from ${dayOf(from)}: it is refused until then`;
    return { level: "error", path, subject, ends, daysLeft: daysUntil(ends, now), text };
  }
  const over = `${subject} ended on ${dayOf(ends)}: it is refused`;
  return { path, subject, ...lifetime(from, ends, now, over, `${subject} ends on ${dayOf(ends)}`) };
}

function crlLifetime(path: string, { issuer, thisUpdate, nextUpdate }: Crl, now: Date): Lifetime {
  const subject = issuer;
  const what = `the CRL of ${issuer}`;
  if (!nextUpdate)
    return { level: "info", path, subject, ends: undefined, daysLeft: undefined, text: `${what} says no end` };
  if (thisUpdate > now) {
    const text = `${what} is valid only from ${dayOf(thisUpdate)}: until then every certificate of this authority is refused, and the other side reads "bad certificate"`;
    return { level: "error", path, subject, ends: nextUpdate, daysLeft: daysUntil(nextUpdate, now), text };
  }
  const day = dayOf(nextUpdate);
  const over = `${what} has expired on ${day}: every certificate of this authority is refused, and the other side reads "certificate expired"`;
  return { path, subject, ...lifetime(thisUpdate, nextUpdate, now, over, `${what} is to be renewed by ${day}`) };
}

function lifetime(from: Date, ends: Date, now: Date, over: string, running: string) {
  const daysLeft = daysUntil(ends, now);
  if (ends < now) return { level: "error" as const, ends, daysLeft, text: over };
  const periodDays = (ends.getTime() - from.getTime()) / dayMs;
  const below = (days: number, part: number) => daysLeft < Math.min(days, periodDays * part);
  const level = below(LIMITS.errorDays, LIMITS.errorPart)
    ? ("error" as const)
    : below(LIMITS.warnDays, LIMITS.warnPart)
      ? ("warn" as const)
      : ("info" as const);
  return { level, ends, daysLeft, text: `${running}, ${daysLeft} days left` };
}
