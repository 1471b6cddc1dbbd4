import type { X509Certificate } from "node:crypto";
import type { Text } from "../src/languages.ts";
import { withoutSerial } from "../src/site/issued-names.ts";
import { dayMs } from "./certificates.ts";
import type { Crl } from "./crl.ts";
import { dayOf, daysUntil, inOneLine } from "./inspect.ts";
import type { Material } from "./material.ts";
import type { Notice } from "./notices.ts";

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
    ...behind.map((certificate) => certificateLifetime(paths.certificate, certificate, now, "authority-days")),
    // an authority on its way out may have ended
    ...authorities.map((certificate) => certificateLifetime(paths.authorities, certificate, now, "authority-days")),
    ...newestOf(crls).map((crl) => ({
      ...crlLifetime(paths.crl ?? "", crl, now),
      ...outside(crl.thisUpdate, crl.nextUpdate ?? now),
    })),
  ];
}

/** Of several lists of one authority the newest counts. */
function newestOf(crls: Crl[]): Crl[] {
  const newer = (one: Crl, other: Crl) => one.issuer === other.issuer && one.thisUpdate > other.thisUpdate;
  return crls.filter((crl) => !crls.some((other) => newer(other, crl)));
}

/** Returns how long one certificate is good. */
export function certificateLifetime(
  path: string,
  certificate: X509Certificate,
  now: Date,
  about: Lifetime["about"] = "own-days",
): Lifetime {
  const subject = inOneLine(certificate.subject);
  const { validFromDate: from, validToDate: ends } = certificate;
  const known = { about, path, subject, ends };
  const name = withoutSerial(subject);
  if (from > now) {
    const text = {
      en: `${name} is valid only from ${dayOf(from)}: it is refused until then`,
      fr: `${name} n'est valable qu'à partir du ${dayOf(from)} : il est refusé jusque-là`,
    };
    return { ...known, level: "error", daysLeft: daysUntil(ends, now), text };
  }
  const day = dayOf(ends);
  const over = {
    en: `${name} ended on ${day}: it is refused`,
    fr: `${name} a pris fin le ${day} : il est refusé`,
  };
  const running = { en: `${name} ends on ${day}`, fr: `${name} prend fin le ${day}` };
  return { ...known, ...lifetime(from, ends, now, over, running) };
}

function crlLifetime(path: string, { issuer, thisUpdate, nextUpdate }: Crl, now: Date): Lifetime {
  const known = { about: "crl-days" as const, path, subject: issuer, ends: nextUpdate };
  const what = { en: `the CRL of ${issuer}`, fr: `la CRL de ${issuer}` };
  if (!nextUpdate) {
    const text = { en: `${what.en} names no end`, fr: `${what.fr} n'indique pas de fin` };
    return { ...known, level: "info", daysLeft: undefined, text };
  }
  if (thisUpdate > now) {
    const day = dayOf(thisUpdate);
    const text = {
      en: `${what.en} is valid only from ${day}: until then every certificate of this authority is refused, and the other side reads "bad certificate"`,
      fr: `${what.fr} n'est valable qu'à partir du ${day} : jusque-là tout certificat de cette autorité est refusé, et l'autre côté lit « bad certificate »`,
    };
    return { ...known, level: "error", daysLeft: daysUntil(nextUpdate, now), text };
  }
  const day = dayOf(nextUpdate);
  const over = {
    en: `${what.en} expired on ${day}: every certificate of this authority is refused, and the other side reads "certificate expired"`,
    fr: `${what.fr} a expiré le ${day} : tout certificat de cette autorité est refusé, et l'autre côté lit « certificate expired »`,
  };
  const running = { en: `${what.en} is to be renewed by ${day}`, fr: `${what.fr} est à renouveler d'ici le ${day}` };
  return { ...known, ...lifetime(thisUpdate, nextUpdate, now, over, running) };
}

function lifetime(from: Date, ends: Date, now: Date, over: Text, running: Text) {
  const daysLeft = daysUntil(ends, now);
  if (ends < now) return { level: "error" as const, daysLeft, text: over };
  const periodDays = (ends.getTime() - from.getTime()) / dayMs;
  const below = (days: number, part: number) => daysLeft < Math.min(days, periodDays * part);
  const level = below(LIMITS.errorDays, LIMITS.errorPart)
    ? ("error" as const)
    : below(LIMITS.warnDays, LIMITS.warnPart)
      ? ("warn" as const)
      : ("info" as const);
  const text = {
    en: `${running.en}, ${daysLeft} ${daysLeft === 1 ? "day" : "days"} left`,
    fr: `${running.fr}, encore ${daysLeft} jour${daysLeft > 1 ? "s" : ""}`,
  };
  return { level, daysLeft, text };
}
