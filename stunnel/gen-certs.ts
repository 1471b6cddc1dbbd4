#!/usr/bin/env node
import { Command, InvalidArgumentError } from "commander";
import { numberOption, runCommand } from "../src/commands/run.ts";
import { print, printAside, printTable } from "../src/terminal.ts";
import { withAuthority } from "./authorities.ts";
import { type EnsureOptions, ensureLocked, type Outcome } from "./ensure-certificates.ts";
import { type LabOutcome, makeLab } from "./lab-files.ts";
import { canonicalName, isHostName } from "./names.ts";
import { outOption, printOutcomes, siteArgument } from "./outcomes.ts";

const maxRenewBeforeDays = 396;
const help = `
Made in <dir>:
  authority/ca.key, ca.crt       who signs; the key stays here and is mounted in no site
  <site>/<site>.crt, <site>.key  the site's own pair, for both ends of a tunnel
  <site>/<site>.expired.crt      over the same key, for "check" to see them refused: one that has ended,
  <site>/<site>.sibling.crt      and a good one with a name that nobody has
  <site>/ca.crt, ca.crl          whom the site trusts, and what they have taken back
  lab/<fault>/<site>.faulty.crt  with --lab: identities with one fault each, by their usual names

An authority is made only where no site has a certificate yet, or with --force-authority.
A pair is kept while it is valid. It is issued again, with the names it had, when it has less than --renew-before days
left, lacks a name that --host asks for, or was signed by another authority. An authority that runs low is renewed with
its own key, so that certificates in use stay trusted. To take a name away, remove the site's folder and run again.

Exit codes: 0 done, 1 failed, 2 wrong usage

Examples:
  $ gen-certs                                        what is missing for eai and dpi, in ./certs
  $ gen-certs dpi --host dpi.hospital.example        a further name for one site
  $ gen-certs eai --force                            a new pair for one site
  $ gen-certs --lab                                  the faulty identities as well, for tests and workshops
  $ gen-certs --renew-before 60 --json                for a scheduled job`;

interface Options {
  out: string;
  host?: string[];
  renewBefore: number;
  owner?: number;
  force?: true;
  forceAuthority?: true;
  lab?: true;
  json?: true;
}

const program = new Command("gen-certs")
  .description("Make the sandbox's authority and one certificate a site; safe to run again")
  .argument("[site...]", "sites to make a certificate for (default: eai dpi)", siteArgument)
  .addOption(outOption())
  .option("--host <name>", "DNS name or IP address that each named site answers to as well; repeatable", collectHost)
  .option("--renew-before <days>", "issue again what has fewer days left", parseDays, 30)
  .option("--owner <uid>", "give the sites' folders to this user; 1000 is the containers'", numberOption("--owner", 0))
  .option("--force", "replace the pairs of the named sites")
  .option("--force-authority", "replace the authority and every pair")
  .option("--lab", "make the faulty identities as well, in <dir>/lab, where no site looks")
  .option("--json", "print one JSON document instead of a table")
  .addHelpText("after", help)
  .action(run);

await runCommand(program);

async function run(named: string[], options: Options): Promise<void> {
  const sites = named.length > 0 ? named : ["eai", "dpi"];
  const ensure: EnsureOptions = {
    folder: options.out,
    sites,
    hosts: options.host ?? [],
    renewBeforeDays: options.renewBefore,
    owner: options.owner,
    force: options.force === true,
    forceAuthority: options.forceAuthority === true,
    now: new Date(),
  };
  const make = async () => ({
    outcomes: await ensureLocked(ensure),
    lab: options.lab ? await makeLab(ensure) : undefined,
  });
  const { outcomes, lab } = await withAuthority(options.out, make, ensure);
  if (options.json) print(JSON.stringify({ certificates: outcomes, ...(lab && { lab }) }, null, 2));
  else {
    printOutcomes(outcomes);
    if (lab) printLab(lab);
  }
  for (const note of notesOn(outcomes, sites, options)) printAside(`note: ${note}`);
}

function printLab(lab: LabOutcome[]): void {
  print();
  printTable(
    ["faulty on purpose", "what is wrong with it", "done"],
    lab.map(({ what, folder, done }) => [`${folder}/`, what, done]),
  );
}

function notesOn([authority, ...leaves]: Outcome[], sites: string[], { host = [] }: Options): string[] {
  const notes: string[] = [];
  if (authority?.done === "renewed")
    notes.push(
      "the authority kept its key: certificates already in use stay trusted, reload the tunnels when it suits",
    );
  else if (authority?.done !== "kept" && leaves.some(({ done }) => done === "replaced"))
    notes.push("the authority is new: reload the tunnels of all sites together, the old and the new refuse each other");
  if (host.length > 0 && sites.length > 1)
    notes.push(
      `${sites.join(" and ")} share ${host.join(", ")}: a tunnel that checks this name cannot tell them apart`,
    );
  return notes;
}

function collectHost(text: string, previous: string[] = []): string[] {
  const name = canonicalName(text);
  if (!isHostName(name)) throw new InvalidArgumentError("it takes a DNS name without a wildcard, or an IP address");
  return [...new Set([...previous, name])];
}

function parseDays(text: string): number {
  const days = Number(text);
  if (!/^\d+$/.test(text) || days > maxRenewBeforeDays)
    throw new InvalidArgumentError(`it takes whole days from 0 to ${maxRenewBeforeDays}`);
  return days;
}
