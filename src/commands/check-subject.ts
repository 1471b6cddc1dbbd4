import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readCertificates } from "../../stunnel/inspect.ts";
import { requireCrls } from "../../stunnel/material.ts";
import { servicesOf } from "../check/configuration/services.ts";
import { isPinned } from "../check/configuration/verification.ts";
import type { Target } from "../check/probe/link.ts";
import type { ShownIdentity } from "../check/probe/probe.ts";
import { reasonOf, SafeTunnelError } from "../errors.ts";
import type { Endpoint } from "../mllp/endpoint.ts";
import type { Settings } from "../settings.ts";
import { readSiteConf } from "../site/plain-side.ts";
import { isEverywhere, type Leg, legsOf, readConf, type StunnelConf } from "../site/stunnel-conf.ts";
import { filesOf, isPair, probesBeside, type ServiceFiles } from "./check-files.ts";

/** What "check" is asked about: a site with its own Stunnel, or an endpoint seen from elsewhere. */
export interface Subject {
  /** The peer's TLS port; where Stunnel has several to try, the first. */
  target: Target;
  /** The others, which Stunnel tries where no connection to those before comes about. */
  otherwise: Endpoint[];
  /** The peer's plain ports, as far as they are known. */
  plainPorts: number[];
  own?: OwnSide;
}

/** The site that asks. */
export interface OwnSide {
  site: string;
  /** Whether the configuration is that of the site, and not another one. */
  isSites: boolean;
  conf: StunnelConf;
  /** What the services of the two legs show and believe. */
  files: { to: ServiceFiles; from?: ServiceFiles };
  to: Leg;
  from: Leg | undefined;
  /** Where its own Stunnel takes TLS, as seen from here. */
  tls: Target | undefined;
  logPath: string;
  /** Why the site's own listener does not run, where an engine listens in its place. */
  listenerOff: string | undefined;
}

/** What names an endpoint and what is shown and believed there; paths are of PEM files. */
export interface ConnectOptions {
  connect: Endpoint;
  name?: string[];
  cert?: string;
  key?: string;
  ca?: string;
  crl?: string;
  expired?: string;
  sibling?: string;
  plainPort?: number[];
}

/** Returns the endpoint that options name. Throws `invalid-setting`, `file-unreadable`, `invalid-certificate`. */
export async function subjectOfOptions(options: ConnectOptions): Promise<Subject> {
  const { connect, cert, key, ca, crl, name = [connect.host], plainPort = [] } = options;
  if (key !== undefined && cert === undefined)
    throw new SafeTunnelError("invalid-setting", "--key without --cert shows nobody", {
      hint: "name the certificate of this key with --cert",
    });
  const certificate = cert === undefined ? undefined : await read(cert, "--cert");
  const keyText = cert === undefined ? undefined : await read(key ?? cert, "--key");
  const identity = certificate && keyText ? requirePair(certificate, keyText, cert ?? "") : undefined;
  const probes = cert === undefined ? undefined : await probesBeside(cert, keyText ?? "");
  const target: Target = {
    endpoint: connect,
    names: name,
    identity,
    chain: certificate === undefined ? undefined : readCertificates(certificate, cert ?? "", PEM_HINT),
    authorities: ca === undefined ? [] : readCertificates(await read(ca, "--ca"), ca, PEM_HINT),
    crls: crl === undefined ? undefined : requireCrls(await read(crl, "--crl"), crl),
    expired: options.expired ? await identityIn(options.expired, keyText) : probes?.expired,
    sibling: options.sibling ? await identityIn(options.sibling, keyText) : probes?.sibling,
  };
  return { target, otherwise: [], plainPorts: plainPort };
}

/** Returns the site that a stunnel.conf describes. Throws `file-unreadable`, `invalid-setting`, `name-not-resolved`. */
export async function subjectOfSite(settings: Settings, confPath?: string): Promise<Subject> {
  const { site, dataDir, simulator } = settings;
  const conf = confPath === undefined ? await readSiteConf(settings) : await readConf(confPath);
  const { to, from } = legsOf(conf);
  const [endpoint, ...otherwise] = to?.connect ?? [];
  if (!to || !endpoint || !isPort(endpoint) || !isPort(to.accept) || (from && !isPort(from.accept)))
    throw new SafeTunnelError(
      "invalid-setting",
      `${conf.path} has no client service with accept and connect on TCP ports: nothing to check`,
      {
        hint: "a service that sends has client = yes, accept and connect; an endpoint alone is asked with --connect",
      },
    );
  const services = servicesOf(conf);
  const pins = (leg: Leg) => services.some((service) => service.name === leg.service && isPinned(service));
  const files = { to: await filesOf(conf, to.service), ...(from && { from: await filesOf(conf, from.service) }) };
  const target = { endpoint, names: to.names, pinned: pins(to), ...files.to };
  // at our own port the certificate of our own name is another one of the same authority
  const tls = from &&
    files.from && {
      ...files.from,
      endpoint: fromHere(from.accept),
      names: [],
      pinned: pins(from),
      identity: undefined,
      sibling: files.from.identity,
    };
  // settings change our own ports, and say nothing of the peer's
  const written =
    confPath === undefined ? legsOf(await readConf(join(settings.siteDir, "stunnel.conf"))) : { to, from };
  const plain = [written.to?.accept, written.from?.connect[0]];
  const plainPorts = plain.flatMap((place) => (place && isPort(place) ? [place.port] : []));
  const logPath = join(dataDir, "log", "stunnel.log");
  return {
    target,
    otherwise,
    plainPorts,
    own: {
      ...{ site: site.name, isSites: confPath === undefined, conf, files, to, from, tls, logPath },
      listenerOff: simulator.listens ? undefined : simulator.word,
    },
  };
}

const isPort = ({ port }: Endpoint): boolean => port > 0 && port < 65_536;

/** Where a port of this machine is reached from this machine. */
export const fromHere = ({ host, port }: Endpoint): Endpoint => ({
  host: isEverywhere(host) ? "127.0.0.1" : host,
  port,
});

const PEM_HINT = "name a file with PEM certificates in it";

/** A PEM file may hold its own key behind the certificate; else the key is that of --cert. */
async function identityIn(path: string, key: string | undefined): Promise<ShownIdentity> {
  const text = await read(path, "a certificate");
  readCertificates(text, path, PEM_HINT);
  return requirePair(text, text.includes("PRIVATE KEY-----") ? text : (key ?? ""), path);
}

function requirePair(certificate: string, key: string, path: string): ShownIdentity {
  if (isPair(certificate, key)) return { certificate, key };
  throw new SafeTunnelError("invalid-setting", `no key at hand is that of ${path}, or it has a password`, {
    hint: "name its key with --key, without a password, or put it behind the certificate in the same file",
  });
}

async function read(path: string, what: string): Promise<string> {
  return await readFile(path, "utf8").catch((cause) => {
    throw new SafeTunnelError("file-unreadable", `cannot read ${what} from ${path}: ${reasonOf(cause)}`, {
      hint: "name a PEM file that this user may read",
      cause,
    });
  });
}
