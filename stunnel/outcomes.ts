import { InvalidArgumentError, Option } from "commander";
import { withoutSerial } from "../src/site/issued-names.ts";
import { printTable } from "../src/terminal.ts";
import type { Outcome } from "./ensure-certificates.ts";
import { dayOf } from "./inspect.ts";
import { isSiteName } from "./names.ts";

/** The folder of the certificates, for every command that has one. */
export const outOption = (): Option =>
  new Option("--out <dir>", "folder of the certificates").env("CERTS_DIR").default("certs");

/** Reads one more site of a command's arguments. */
export function siteArgument(name: string, previous: string[] = []): string[] {
  if (!isSiteName(name))
    throw new InvalidArgumentError("a site is a-z, 0-9 and inner hyphens, and not authority, ca or lab");
  return [...new Set([...previous, name])];
}

/** Prints what became of each certificate and CRL. */
export function printOutcomes(outcomes: Outcome[]): void {
  const rows = outcomes.map(({ path, subject, names, expires, daysLeft, done, reason }) => [
    path,
    withoutSerial(subject),
    names.join(", ") || "-",
    expires ? dayOf(expires) : "-",
    String(daysLeft ?? "-"),
    reason ? `${done}: ${reason}` : done,
  ]);
  printTable(["path", "subject", "names", "expires", "days left", "done"], rows);
}
