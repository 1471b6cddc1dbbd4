import { paint, print } from "../src/terminal.ts";
import { dayOf } from "./inspect.ts";
import type { CertificateFacts, CrlFacts, Shown } from "./show.ts";

const MOST_REVOKED = 20;

/** Prints what was found of one Stunnel, a paragraph a certificate. */
export function printShown({ title, certificates, crls, served, warnings }: Shown): void {
  print(paint("bold", title));
  for (const certificate of certificates) printCertificate(certificate);
  for (const crl of crls) printCrl(crl);
  if (served) {
    const { place, fingerprint256, asOnDisk, error } = served;
    print(`served on ${place}`);
    if (fingerprint256) row("fingerprint", asOnDisk ? `${fingerprint256}, as on disk` : fingerprint256);
    if (error) row("nothing", error);
  }
  for (const warning of warnings) print(`${paint("yellow", "warning:")} ${warning}`);
}

function printCertificate(facts: CertificateFacts): void {
  const { path, subject, issuer, chain, names, usage, key, signature, serial, fingerprint256 } = facts;
  print(path);
  row("subject", subject);
  row("issuer", issuer);
  if (chain) row("chain", chain);
  if (names.length > 0) row("names", names.join(", "));
  row("usage", usage.join(", ") || "any");
  row("key", `${key}, signed with ${signature}`);
  row("serial", serial);
  row("fingerprint", fingerprint256);
  row("valid", validity(facts));
}

function printCrl(facts: CrlFacts): void {
  const { path, issuer, number, revoked } = facts;
  print(path);
  row("CRL of", issuer);
  row("number", String(number ?? "-"));
  for (const { serial, date } of revoked.slice(-MOST_REVOKED)) row("revoked", `${serial} on ${dayOf(date)}`);
  if (revoked.length > MOST_REVOKED)
    row("revoked", `${revoked.length} in all, these are the last; --json has every one`);
  if (revoked.length === 0) row("revoked", "none");
  row("valid", validity(facts));
}

const validity = ({ from, ends, daysLeft }: { from: Date; ends: Date | undefined; daysLeft: number | undefined }) =>
  ends ? `${dayOf(from)} to ${dayOf(ends)}, ${daysLeft} days left` : `from ${dayOf(from)}`;

function row(label: string, value: string): void {
  print(`  ${label.padEnd(11)}  ${value}`);
}
