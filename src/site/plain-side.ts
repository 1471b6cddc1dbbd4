import { lookup } from "node:dns/promises";
import { readFile, rm, writeFile } from "node:fs/promises";
import { BlockList, isIP, isIPv6 } from "node:net";
import { join } from "node:path";
import { reasonOf, SafeTunnelError } from "../errors.ts";
import type { Endpoint } from "../mllp/endpoint.ts";
import type { SiteFacts } from "./facts.ts";
import { isMade, type LinkLines, madeOf, withLines } from "./link.ts";
import {
  endpointIn,
  isClient,
  legsOf,
  optionsOf,
  type PlainLine,
  parseConf,
  readConf,
  type StunnelConf,
} from "./stunnel-conf.ts";
import { interfaceOf, isOnWayTo, waysOut, waysTo } from "./ways.ts";

/** What of a site's settings says where its plain side is. */
export interface PlainSide {
  site: SiteFacts;
  siteDir: string;
  dataDir: string;
  link: LinkLines;
  plainHost: string;
  engine: Endpoint | undefined;
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8);
LOOPBACK.addAddress("::1", "ipv6");

/** Says whether what goes to a host stays on this machine; a path is a Unix socket. */
export const staysInside = (host: string): boolean =>
  host.startsWith("/") ||
  host.toLowerCase() === "localhost" ||
  (isIP(host) > 0 && LOOPBACK.check(host, isIPv6(host) ? "ipv6" : "ipv4"));

/** Returns each line of a configuration by which plain text enters or leaves the machine, with its service. */
export const plainLinesOutside = (conf: StunnelConf): PlainLine[] =>
  [...conf.services].flatMap(([service, own]) => {
    const options = optionsOf(conf, own);
    const name = isClient(options) ? "accept" : "connect";
    return (options.get(name) ?? [])
      .filter((text) => !staysInside(endpointIn(text, name === "connect" ? "localhost" : "").host))
      .map((text) => ({ service, line: `${name} = ${text}` }));
  });

/**
 * Reads the stunnel.conf of a site. Where its settings put the peer or the plain side elsewhere than the file does,
 * returns the changed text under a path in the site's data, which `keepConf` writes.
 *
 * Throws `file-unreadable`, `name-not-resolved`, `invalid-setting`.
 */
export async function readSiteConf(settings: PlainSide): Promise<StunnelConf> {
  const { siteDir, dataDir, link, plainHost, engine, site } = settings;
  const made = join(dataDir, "stunnel.conf");
  const conf = withLines(await readConf(join(siteDir, "stunnel.conf")), link, made);
  if (plainHost === "" && !engine) return conf;
  const { to, from } = legsOf(conf);
  const peers = to?.connect ?? [];
  const accept = plainHost === "" ? undefined : { host: await plainAddress(plainHost, peers), port: site.sendPort };
  const text = withPlainSide(conf, { accept, connect: engine });
  const changed = parseConf(conf.path === made ? text : `${madeOf(conf)}\n${text}`, made);
  const onPurpose: PlainLine[] = [];
  if (accept) onPurpose.push({ service: to?.service ?? "", line: `accept = ${lineOf(accept)}` });
  if (engine && !staysInside(engine.host)) {
    const astray = await isAstray(engine, peers);
    onPurpose.push({ service: from?.service ?? "", line: `connect = ${lineOf(engine)}`, ...(astray && { astray }) });
  }
  return { ...changed, onPurpose };
}

/** Throws `invalid-setting` where an engine is reached by the network by which the peer is, as far as that is known. */
export async function refuseAstray(engine: Endpoint | undefined, conf: StunnelConf): Promise<void> {
  if (!engine || !(await isAstray(engine, legsOf(conf).to?.connect))) return;
  throw new SafeTunnelError(
    "invalid-setting",
    `ENGINE is ${lineOf(engine)}, on the network by which this site reaches its peer: no plain text goes there`,
    { hint: "name an alias that the engine has on its own network alone (overlays/machine.yml)" },
  );
}

const isAstray = async (engine: Endpoint, peers: Endpoint[] = []): Promise<boolean> =>
  !staysInside(engine.host) && (await isOnWayTo(peers, engine));

/**
 * Writes a configuration where Stunnel is to read it; where it is the file itself, takes away what was written before.
 *
 * Throws `file-unwritable`.
 */
export async function keepConf({ path, text }: StunnelConf, { siteDir, dataDir }: PlainSide): Promise<void> {
  if (path === join(siteDir, "stunnel.conf")) return await removeMade(join(dataDir, "stunnel.conf"));
  await writeFile(path, text).catch((cause) => {
    throw new SafeTunnelError("file-unwritable", `cannot write ${path}, which Stunnel is to read: ${reasonOf(cause)}`, {
      hint: "see that the site's data volume can be written and has room",
      cause,
    });
  });
}

/** Removes a configuration that settings made; nobody reads it, and what cannot be removed does no harm. */
async function removeMade(path: string): Promise<void> {
  const text = await readFile(path, "utf8").catch(() => "");
  if (isMade(text)) await rm(path).catch(() => {});
}

/**
 * Returns the text with a further place where our client takes plain text, and with another one, in the place of those
 * that there are, where it goes out. Throws `invalid-setting`.
 */
export function withPlainSide(
  conf: StunnelConf,
  { accept, connect }: { accept?: Endpoint | undefined; connect?: Endpoint | undefined },
): string {
  const { to, from } = legsOf(conf);
  if (accept) requireLine(conf, "PLAIN_HOST", to?.service, "accept");
  if (connect) requireLine(conf, "ENGINE", from?.service, "connect");
  let service = "";
  const seen = new Set<string>();
  const isFirst = (name: string) => seen.size < seen.add(name).size;
  return conf.text
    .split(/\r?\n/)
    .flatMap((line) => {
      service = /^\s*\[([^\]]+)\]\s*$/.exec(line)?.[1] ?? service;
      const name = /^\s*([A-Za-z]\w*)\s*=/.exec(line)?.[1]?.toLowerCase();
      if (accept && service === to?.service && name === "accept" && isFirst(name))
        return [line, "; PLAIN_HOST: plain text from the engine's network", `accept = ${lineOf(accept)}`];
      if (!connect || service !== from?.service || (name !== "connect" && name !== "delay")) return [line];
      if (name === "delay" || !isFirst(name)) return [];
      return ["; ENGINE: a real engine listens here", `connect = ${lineOf(connect)}`, "delay = yes"];
    })
    .join("\n");
}

/** Stunnel would look for an address in brackets among the names. */
const lineOf = ({ host, port }: Endpoint): string => `${host}:${port}`;

function requireLine({ path, services }: StunnelConf, setting: string, service = "", name: string): void {
  if (services.get(service)?.has(name)) return;
  throw new SafeTunnelError("invalid-setting", `${path} has no line for ${setting} to change: ${name} of a service`, {
    hint: `take ${setting} away, or give stunnel.conf a service a leg, with accept and connect`,
  });
}

/** Returns the one address of a name of this site, which is not on the network by which it reaches out. */
async function plainAddress(plainHost: string, peers: Endpoint[]): Promise<string> {
  const found = await lookup(plainHost, { all: true, family: 4 }).catch((cause) => {
    throw new SafeTunnelError("name-not-resolved", `PLAIN_HOST is ${plainHost}: ${reasonOf(cause)}`, {
      hint: "give the site this name on the engine's network (aliases, as overlays/machine.yml has it)",
      cause,
    });
  });
  const addresses = [...new Set(found.map(({ address }) => address))];
  const [address = ""] = addresses;
  const name = interfaceOf(address);
  const what = `PLAIN_HOST is ${plainHost}`;
  const hint = "name an alias that the site has on the engine's network alone (overlays/machine.yml)";
  if (addresses.length > 1)
    throw new SafeTunnelError("invalid-setting", `${what}, which is ${addresses.join(" and ")}: one network alone`, {
      hint,
    });
  if (name === undefined)
    throw new SafeTunnelError("invalid-setting", `${what}, and ${address} is no address of this site on a network`, {
      hint,
    });
  // a peer that has no address yet may be wherever a route leads
  const ways = await Promise.all(peers.map(async (peer) => (await waysTo(peer)) ?? (await waysOut())));
  if (ways.flat().includes(name))
    throw new SafeTunnelError(
      "invalid-setting",
      `${what}, on the network by which this site reaches its peer (${address}): no plain text goes there`,
      { hint },
    );
  return address;
}
