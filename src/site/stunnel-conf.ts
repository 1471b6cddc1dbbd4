import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { reasonOf, SafeTunnelError } from "../errors.ts";
import type { Endpoint } from "../mllp/endpoint.ts";

/** Settings by their names in lower case, as Stunnel compares them, in the order of their last lines. */
export type Options = Map<string, string[]>;

/** A stunnel.conf: what stands before the first service, and each service under its name. */
export interface StunnelConf {
  path: string;
  text: string;
  global: Options;
  services: Map<string, Options>;
  /** The lines by which plain text leaves the machine because a setting of the site says so. */
  onPurpose?: PlainLine[];
}

/** A line of a service by which plain text enters or leaves the machine. */
export interface PlainLine {
  service: string;
  line: string;
  /** Whether it leads out by the network by which the peer is reached. */
  astray?: boolean;
}

/** Returns what stands for the text of a configuration. */
export const digestOf = ({ text }: StunnelConf): string => createHash("sha256").update(text).digest("hex");

/** Where the files lie that a Stunnel shows and believes. */
export interface TrustPaths {
  certificate: string;
  key: string;
  authorities: string;
  /** Undefined where the configuration names no CRLfile, so that revoked certificates are accepted. */
  crl: string | undefined;
}

/** Reads a stunnel.conf. Throws `file-unreadable`. */
export async function readConf(path: string): Promise<StunnelConf> {
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new SafeTunnelError("file-unreadable", `cannot read ${path}, which Stunnel needs: ${reasonOf(cause)}`, {
      hint: "see that the image holds the site's folder",
      cause,
    });
  });
  return parseConf(text, path);
}

/** Reads the text of a stunnel.conf: a comment has a line of its own, a setting is "name = value". */
export function parseConf(text: string, path: string): StunnelConf {
  const conf: StunnelConf = { path, text, global: new Map(), services: new Map() };
  let options = conf.global;
  for (const line of text.split(/\r?\n/)) {
    const section = /^\s*\[([^\]]+)\]\s*$/.exec(line)?.[1];
    if (section !== undefined) {
      options = new Map();
      conf.services.set(section, options);
    }
    const [, name, value = ""] = /^\s*([A-Za-z]\w*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined) continue;
    setLast(options, name.toLowerCase(), [...(options.get(name.toLowerCase()) ?? []), value]);
  }
  return conf;
}

/**
 * Returns where a configuration's certificates lie: those of a service where one is named; else a service may name what
 * the global part leaves out.
 *
 * Throws `invalid-setting`.
 */
export function trustPathsOf(conf: StunnelConf, service?: string): TrustPaths {
  const { path, global, services } = conf;
  const one = service === undefined ? undefined : optionsOf(conf, services.get(service) ?? new Map());
  const first = (name: string) =>
    // of a name that comes twice Stunnel takes the last
    [...(one ? [one] : [global, ...services.values()])]
      .map((options) => options.get(name)?.at(-1))
      .find((value) => value !== undefined);
  const needed = (name: string, value = first(name.toLowerCase())) => {
    if (value) return value;
    throw new SafeTunnelError("invalid-setting", `${path} names no ${name}${service ? ` for [${service}]` : ""}`, {
      hint: `set ${name} to the path of a PEM file; what lies elsewhere (CApath, engines) is not looked at here`,
    });
  };
  const certificate = needed("cert");
  // one service without it accepts revoked peers, whatever the others do
  const hasCrl = one ?? (global.has("crlfile") || [...services.values()].every((options) => options.has("crlfile")));
  return {
    certificate,
    // Stunnel looks for the key in the file of the certificate where no other is named
    key: first("key") ?? certificate,
    authorities: needed("CAfile"),
    crl: hasCrl ? first("crlfile") : undefined,
  };
}

/** One direction of a link as a configuration has it. */
export interface Leg {
  service: string;
  /** Where its connections come in; host "" is every address. */
  accept: Endpoint;
  /** Where they go, in the order in which Stunnel tries them. */
  connect: Endpoint[];
  /** The names of which the peer's certificate has to bear one. */
  names: string[];
}

/** The leg to the peer (the first client service), the leg from it (the first other one), and the services beside. */
export interface Legs {
  to?: Leg;
  from?: Leg;
  further: string[];
}

/** Options of which each line adds to those before, the global ones included; of any other the last line counts. */
const ADDING = new Set(["accept", "checkhost", "checkip", "checkemail", "connect", "socket", "options"]);

/** Returns the options of one service as Stunnel sees them: its own, and the global ones that it does not set anew. */
export function optionsOf({ global }: StunnelConf, own: Options): Options {
  const merged = new Map(global);
  for (const [name, values] of own)
    setLast(merged, name, ADDING.has(name) ? [...(global.get(name) ?? []), ...values] : values);
  for (const [name, values] of merged) if (!ADDING.has(name)) merged.set(name, values.slice(-1));
  return merged;
}

/** Sets an option behind all others: "requireCert = no" undoes a part of the "verifyChain = yes" before it. */
function setLast(options: Options, name: string, values: string[]): void {
  options.delete(name);
  options.set(name, values);
}

/** Says whether a service takes plain text in and gives TLS out. */
export const isClient = (options: Options): boolean => options.get("client")?.at(-1)?.toLowerCase() === "yes";

/** Returns what a configuration says of the two directions of a link. */
export function legsOf(conf: StunnelConf): Legs {
  const legs: Legs = { further: [] };
  for (const [service, own] of conf.services) {
    const options = optionsOf(conf, own);
    const side = isClient(options) ? "to" : "from";
    if (legs[side]) {
      legs.further.push(service);
      continue;
    }
    legs[side] = {
      service,
      accept: endpointIn(options.get("accept")?.[0] ?? "", ""),
      connect: (options.get("connect") ?? []).map((text) => endpointIn(text, "localhost")),
      names: [...(options.get("checkhost") ?? []), ...(options.get("checkip") ?? [])],
    };
  }
  return legs;
}

/** Says whether a host means every address of a machine. */
export const isEverywhere = (host: string): boolean => ["", "*", "0.0.0.0", "::"].includes(host);

/** Reads [host:]port; a path, which is a Unix socket, is a host without a port (0), and so is what is no number. */
export function endpointIn(text: string, defaultHost: string): Endpoint {
  if (text.startsWith("/")) return { host: text, port: 0 };
  // Stunnel cuts at the last colon, and takes an IPv6 address without brackets
  const at = text.lastIndexOf(":");
  const host = at < 0 ? defaultHost : text.slice(0, at).replace(/^\[(.*)\]$/, "$1");
  return { host, port: Number(text.slice(at + 1)) || 0 };
}

/** Says whether a text is a DNS name as certificates bear it: Stunnel takes ".example" for every name below it. */
export const isDnsName = (text: string): boolean => isIP(text) === 0 && /^[\w-]+(?:\.[\w-]+)*$/.test(text);

/** Reads host:port of a name or an address, as a setting of the site has it; undefined where it is none. */
export function placeIn(text: string): Endpoint | undefined {
  const { host, port } = endpointIn(text, "");
  const isHost = isIP(host) !== 0 || isDnsName(host.replace(/\.$/, ""));
  return isHost && Number.isInteger(port) && port >= 1 && port <= 65_535 ? { host, port } : undefined;
}
