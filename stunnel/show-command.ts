import { Command, InvalidArgumentError } from "commander";
import { askSite } from "../src/commands/ask-site.ts";
import { SafeTunnelError } from "../src/errors.ts";
import type { Endpoint } from "../src/mllp/endpoint.ts";
import { readSettings } from "../src/settings.ts";
import { readSiteConf } from "../src/site/plain-side.ts";
import { trustPathsOf } from "../src/site/stunnel-conf.ts";
import { print } from "../src/terminal.ts";
import { outOption } from "./outcomes.ts";
import { findPairs } from "./pair-files.ts";
import { printShown } from "./print-shown.ts";
import { type Shown, show, trustPathsIn } from "./show.ts";

const help = `
In a site it shows what its stunnel.conf names, and asks its own TLS port. Elsewhere it shows the sites of a folder, and
asks where --connect says, else the ports that the sandbox publishes on this machine.

Examples:
  $ docker compose exec eai certs show
  $ npm run -s certs -- show --connect eai=127.0.0.1:32200`;

interface Options {
  out: string;
  connect?: Map<string, Endpoint>;
  json?: true;
}

/** The command that shows certificates and CRLs, on disk and as they are served. */
export function showCommand(): Command {
  return new Command("show")
    .description("show every certificate and CRL, and what Stunnel serves at the moment")
    .addOption(outOption())
    .option("--connect <site=host:port>", "where a site of the folder serves; repeatable", collectConnect)
    .option("--json", "print one JSON document")
    .addHelpText("after", help)
    .action(async (options: Options) => {
      const shown = isInSite() ? [await showSite()] : await showFolder(options);
      if (options.json) print(JSON.stringify({ shown }, null, 2));
      else
        for (const [index, one] of shown.entries()) {
          if (index > 0) print();
          printShown(one);
        }
    });
}

/** An image says which site it is; where the certificates are made, a folder is named beside. */
const isInSite = () => process.env.SITE !== undefined && process.env.CERTS_DIR === undefined;

async function showSite(): Promise<Shown> {
  const settings = await readSettings();
  const { site } = settings;
  const conf = await readSiteConf(settings);
  const endpoint = { host: "127.0.0.1", port: site.tlsPort };
  // a site that does not run has read nothing
  const loaded = await askSite("GET", "/loaded", 2000).catch(() => undefined);
  const digest = loaded && (JSON.parse(loaded.body) as { digest: string }).digest;
  return await show(`${site.title}, by ${conf.path}`, trustPathsOf(conf), endpoint, new Date(), digest);
}

async function showFolder({ out, connect }: Options): Promise<Shown[]> {
  const sites = await findPairs(out);
  if (sites.length === 0)
    throw new SafeTunnelError("file-unreadable", `no site has a certificate in ${out}`, {
      hint: 'name the folder with --out, or look into a site: "docker compose exec eai certs show"',
    });
  return await Promise.all(
    sites.map(async (site) => {
      const endpoint = connect?.get(site) ?? (await publishedBy(site));
      return show(`${site}, in ${out}`, trustPathsIn(out, site), endpoint, new Date());
    }),
  );
}

/** Returns where the sandbox publishes a site on this machine, undefined inside a container. */
async function publishedBy(site: string): Promise<Endpoint | undefined> {
  if (process.env.CERTS_DIR !== undefined) return undefined;
  const settings = await readSettings({ SITE: site }).catch(() => undefined);
  const port = Number(process.env[`${site.toUpperCase()}_TLS_PORT`] ?? settings?.site.tlsPort);
  return port > 0 ? { host: "127.0.0.1", port } : undefined;
}

function collectConnect(text: string, previous: Map<string, Endpoint> = new Map()): Map<string, Endpoint> {
  const [, site, host, port] = /^([a-z0-9-]+)=(.+):(\d{1,5})$/.exec(text) ?? [];
  if (site === undefined || host === undefined)
    throw new InvalidArgumentError("it takes a site and a place, as eai=127.0.0.1:32200");
  return new Map([...previous, [site, { host, port: Number(port) }]]);
}
