#!/usr/bin/env node
import type { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Argument, Command } from "commander";
import { askSite } from "../src/commands/ask-site.ts";
import { runCommand } from "../src/commands/run.ts";
import type { Reloaded } from "../src/commands/trust.ts";
import { reasonOf, SafeTunnelError } from "../src/errors.ts";
import { print, printAside } from "../src/terminal.ts";
import { withAuthority } from "./authorities.ts";
import { revokes } from "./crl.ts";
import { type EnsureOptions, ensureLocked, leafPaths, type Outcome } from "./ensure-certificates.ts";
import { readCertificates } from "./inspect.ts";
import { issuedTo } from "./issued.ts";
import { type Material, readMaterial } from "./material.ts";
import { isSiteName } from "./names.ts";
import { outOption, printOutcomes, siteArgument } from "./outcomes.ts";
import { findPairs } from "./pair-files.ts";
import { siblingsOf } from "./probes.ts";
import { replaceAuthority, STEPS } from "./replace-authority.ts";
import { trustPathsIn } from "./show.ts";
import { showCommand } from "./show-command.ts";

interface Options {
  out: string;
  json?: true;
}

interface ReloadOptions {
  force?: true;
  expectChange?: true;
  json?: true;
}

const reloadLimitMs = 15_000;
const reloadNote = 'the sites go on with the old files until each has run "certs reload"';

const program = new Command("certs")
  .description("Look at certificates and CRLs, and renew, revoke or replace them on a living link")
  .addHelpText("after", "\nEach command has its own --help. What is missing is made by gen-certs.");

program.addCommand(showCommand());

changing("rotate", "give sites new pairs, with the names they had; the old certificates stay valid until they end")
  .argument("[site...]", "sites (default: all)", siteArgument)
  .action(async (named: string[] = [], options: Options) =>
    change(options, async (ensure) => {
      const sites = named.length > 0 ? named : await notRevoked(ensure);
      const unknown = sites.find((site) => !ensure.sites.includes(site));
      if (unknown)
        throw new SafeTunnelError("file-unreadable", `no site ${unknown} has a certificate in ${ensure.folder}`, {
          hint: `the folder has ${ensure.sites.join(", ")}; a new site is made by "gen-certs ${unknown}"`,
        });
      return await ensureLocked({ ...ensure, sites, force: true });
    }),
  );

changing("revoke", "take certificates back: all that was issued to a site, or those of PEM files")
  .argument("<what...>", "sites, or paths of certificates")
  .addHelpText(
    "after",
    '\nA site gets a new certificate with "certs rotate <site>"; until it is named so, a revoked site stays shut out.',
  )
  .action(async (what: string[], options: Options) =>
    change(options, async (ensure) => {
      const revoke = await Promise.all(what.map((each) => certificatesOf(each, ensure)));
      return await ensureLocked({ ...ensure, revoke: revoke.flat() });
    }),
  );

changing("authority", "replace the authority in three steps, after each of which both sites reload")
  .addArgument(
    new Argument("<step>", "add: the new one is believed; switch: it issues; retire: the old one goes").choices(STEPS),
  )
  .action(async (step: (typeof STEPS)[number], options: Options) =>
    change(options, (ensure) => replaceAuthority(step, ensure)),
  );

program
  .command("reload")
  .description("In a site: make Stunnel use the files that are there now, if they are sound. Exits 0 or 1.")
  .option("--force", "use files that are whole, even if the other side will refuse them")
  .option("--expect-change", "fail where the files are the ones that Stunnel had already")
  .option("--json", "print one JSON document")
  .action(reload);

await runCommand(program);

function changing(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .addOption(outOption())
    .option("--json", "print one JSON document instead of a table");
}

async function change(options: Options, action: (ensure: EnsureOptions) => Promise<Outcome[]>): Promise<void> {
  const outcomes = await withAuthority(options.out, async () =>
    action({
      folder: options.out,
      sites: await sitesIn(options.out),
      hosts: [],
      renewBeforeDays: 30,
      force: false,
      forceAuthority: false,
      now: new Date(),
    }),
  );
  if (options.json) print(JSON.stringify({ certificates: outcomes }, null, 2));
  else printOutcomes(outcomes);
  printAside(`note: ${reloadNote}`);
}

async function sitesIn(folder: string): Promise<string[]> {
  const sites = await findPairs(folder);
  if (sites.length > 0) return sites;
  throw new SafeTunnelError("file-unreadable", `no site has a certificate in ${folder}`, {
    hint: 'make them with "gen-certs", or name the folder with --out',
  });
}

async function certificatesOf(what: string, ensure: EnsureOptions): Promise<X509Certificate[]> {
  const { folder, now } = ensure;
  const isSite = isSiteName(what);
  const path = isSite ? leafPaths(folder, what).certificate : what;
  const hint = "name a site of the folder, or the path of a certificate";
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new SafeTunnelError("file-unreadable", `cannot read ${path}: ${reasonOf(cause)}`, { hint, cause });
  });
  const certificates = readCertificates(text, path, hint);
  if (isSite) return [certificates[0], ...(await issuedTo(folder, what, now))];
  if (certificates[0].ca)
    throw new SafeTunnelError("invalid-certificate", `cannot revoke ${path}, which is an authority's certificate`, {
      hint: 'Stunnel looks for the certificates of sites in a list; replace the authority with "certs authority" instead',
    });
  // behind a site's certificate there may be those of intermediate authorities
  const leaves = certificates.filter(({ ca }) => !ca);
  // whoever took the key of one has its sibling with it
  return [...leaves, ...(await siblingsOf(leaves, ensure))];
}

/** Returns the sites that are not shut out. Throws file-unreadable, invalid-certificate, key-mismatch. */
async function notRevoked({ folder, sites }: EnsureOptions): Promise<string[]> {
  const materials = await Promise.all(sites.map((site) => readMaterial(trustPathsIn(folder, site))));
  return sites.filter((site, index) => {
    const { chain, crls = [] } = materials[index] as Material;
    const revoked = crls.some((crl) => revokes(crl, chain[0]));
    if (revoked) printAside(`note: ${site} is revoked, and gets a new certificate by "certs rotate ${site}" only`);
    return !revoked;
  });
}

async function reload({ force, expectChange, json }: ReloadOptions): Promise<void> {
  const { status, body } = await askSite("POST", force ? "/reload?force" : "/reload", reloadLimitMs);
  const said = JSON.parse(body) as Reloaded & { error?: string; hint?: string };
  if (status !== 200)
    throw new SafeTunnelError("tunnel-failed", `not reloaded: ${said.error}`, {
      hint: said.hint ?? "see the site's log",
    });
  if (json) print(body);
  else print(sentenceOf(said));
  if (expectChange && !said.changed)
    throw new SafeTunnelError("tunnel-failed", "the files are the ones that Stunnel had already", {
      hint: "see whether this site uses the folder that you changed (EAI_CERTS, DPI_CERTS)",
    });
}

function sentenceOf({ changed, cut, fingerprint256, daysLeft }: Reloaded): string {
  const what = changed ? "reloaded: the new files are in use" : "reloaded: the files are the ones that Stunnel had";
  const links = cut ? "every connection was cut, since the CRL takes back more" : "connections live on";
  return `${what}, ${links}\ncertificate   ${fingerprint256}, ${daysLeft} days left`;
}
