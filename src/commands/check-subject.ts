import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readCrls } from "../../stunnel/crl.ts";
import { readCertificates } from "../../stunnel/inspect.ts";
import { type Material, readMaterial } from "../../stunnel/material.ts";
import { probePaths } from "../../stunnel/probes.ts";
import type { Target } from "../check/probe/link.ts";
import type { ShownIdentity } from "../check/probe/probe.ts";
import { reasonOf, SafeTunnelError } from "../errors.ts";
import type { Endpoint } from "../mllp/endpoint.ts";
import type { Settings } from "../settings.ts";
import { type Leg, legsOf, readConf, type StunnelConf, type TrustPaths, trustPathsOf } from "../site/stunnel-conf.ts";

/** What "check" is asked about: a site with its own Stunnel, or an endpoint seen from elsewhere. */
export interface Subject {
  /** The peer's TLS port. */
  target: Target;
  /** The peer's plain ports, as far as they are known. */
  plainPorts: number[];
  own?: OwnSide;
}

/** The site that asks. */
export interface OwnSide {
  site: string;
  conf: StunnelConf;
  /** What its files hold, or why they cannot be used. */
  material: Material | Error;
  to: Leg;
  from: Leg | undefined;
  /** Where its own Stunnel takes TLS, as seen from here. */
  tls: Target | undefined;
  logPath: string;
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
  const shownWith = (text: string | undefined) => text && keyText && { certificate: text, key: keyText };
  const probes = cert === undefined ? undefined : await probesBeside(cert, keyText ?? "");
  const target: Target = {
    endpoint: connect,
    names: name,
    identity: shownWith(certificate) || undefined,
    chain: certificate === undefined ? undefined : readCertificates(certificate, cert ?? "", PEM_HINT),
    authorities: ca === undefined ? [] : readCertificates(await read(ca, "--ca"), ca, PEM_HINT),
    crls: crl === undefined ? undefined : readCrls(await read(crl, "--crl"), crl),
    expired: options.expired ? await identityIn(options.expired, keyText) : probes?.expired,
    sibling: options.sibling ? await identityIn(options.sibling, keyText) : probes?.sibling,
  };
  return { target, plainPorts: plainPort };
}

/** Returns the site that a stunnel.conf describes. Throws `file-unreadable`, `invalid-setting`. */
export async function subjectOfSite({ site, siteDir, dataDir }: Settings, confPath?: string): Promise<Subject> {
  const conf = await readConf(confPath ?? join(siteDir, "stunnel.conf"));
  const { to, from } = legsOf(conf);
  const [endpoint] = to?.connect ?? [];
  if (!to || !endpoint)
    throw new SafeTunnelError("invalid-setting", `${conf.path} has no client service with connect: nothing to check`, {
      hint: "a service that sends has client = yes, accept and connect; an endpoint alone is asked with --connect",
    });
  const paths = trustPathsOf(conf);
  const material = await readMaterial(paths).catch((error: unknown) => asError(error));
  const shown = await shownBy(paths).catch(() => undefined);
  const probes = shown && (await probesBeside(paths.certificate, shown.key));
  const trusted =
    material instanceof Error
      ? { authorities: [], chain: undefined, crls: undefined }
      : { authorities: material.authorities, chain: material.chain, crls: material.crls };
  const target = { endpoint, names: to.checkHost, identity: shown, ...trusted, ...probes };
  const tls = from && {
    endpoint: fromHere(from.accept),
    names: [],
    ...trusted,
    expired: probes?.expired,
    sibling: shown,
  };
  const plainPorts = [to.accept.port, ...(from?.connect ?? []).slice(0, 1).map(({ port }) => port)];
  const logPath = join(dataDir, "log", "stunnel.log");
  return { target, plainPorts, own: { site: site.name, conf, material, to, from, tls, logPath } };
}

/** Where a port of this machine is reached from this machine. */
export const fromHere = ({ host, port }: Endpoint): Endpoint => ({
  host: host === "" || host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host,
  port,
});

const PEM_HINT = "name a file with PEM certificates in it";

async function shownBy({ certificate, key }: TrustPaths): Promise<ShownIdentity> {
  return { certificate: await readFile(certificate, "utf8"), key: await readFile(key, "utf8") };
}

/** What gen-certs laid beside a certificate for this purpose; a hospital's own has nothing there. */
async function probesBeside(certificatePath: string, key: string) {
  const paths = probePaths(certificatePath);
  const of = async (path: string) => {
    const certificate = await readFile(path, "utf8").catch(() => "");
    return isPair(certificate, key) ? { certificate, key } : undefined;
  };
  return { expired: await of(paths.expired), sibling: await of(paths.sibling) };
}

/** An interrupted renewal may have left a certificate of the key before. */
function isPair(certificate: string, key: string): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** A PEM file may hold its own key behind the certificate; else the key is that of --cert. */
async function identityIn(path: string, key: string | undefined): Promise<ShownIdentity> {
  const text = await read(path, "a certificate");
  readCertificates(text, path, PEM_HINT);
  return { certificate: text, key: text.includes("PRIVATE KEY-----") ? text : (key ?? "") };
}

async function read(path: string, what: string): Promise<string> {
  return await readFile(path, "utf8").catch((cause) => {
    throw new SafeTunnelError("file-unreadable", `cannot read ${what} from ${path}: ${reasonOf(cause)}`, {
      hint: "name a PEM file that this user may read",
      cause,
    });
  });
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
