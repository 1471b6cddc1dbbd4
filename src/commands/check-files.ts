import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type Crl, readCrls } from "../../stunnel/crl.ts";
import { readCertificates } from "../../stunnel/inspect.ts";
import { type Material, readMaterial } from "../../stunnel/material.ts";
import { probePaths } from "../../stunnel/probes.ts";
import type { ShownIdentity } from "../check/probe/probe.ts";
import { reasonOf } from "../errors.ts";
import { type StunnelConf, type TrustPaths, trustPathsOf } from "../site/stunnel-conf.ts";

/** What the files of one service hold: judged whole, and as much of it as can be used to ask. */
export interface ServiceFiles {
  service: string;
  /** The same for services that are given the same files. */
  paths: string;
  material: Material | Error;
  /** Undefined where certificate and key do not fit: a finding, and no reason to show the peer a wrong pair. */
  identity: ShownIdentity | undefined;
  chain: Material["chain"] | undefined;
  authorities: X509Certificate[];
  crls: Crl[] | undefined;
  expired: ShownIdentity | undefined;
  sibling: ShownIdentity | undefined;
}

/** Reads what a service of a stunnel.conf shows and believes. Never throws. */
export async function filesOf(conf: StunnelConf, service: string): Promise<ServiceFiles> {
  const nothing = { identity: undefined, chain: undefined, crls: undefined, expired: undefined, sibling: undefined };
  let paths: TrustPaths;
  try {
    paths = trustPathsOf(conf, service);
  } catch (error) {
    return { service, paths: "", material: asError(error), ...nothing, authorities: [] };
  }
  const [certificate, key] = await Promise.all([text(paths.certificate), text(paths.key)]);
  const identity = isPair(certificate, key) ? { certificate, key } : undefined;
  // one file that cannot be used is no reason to judge the peer without the others
  const authorities = attempt(readCertificates, await text(paths.authorities), paths.authorities) ?? [];
  const crls = paths.crl === undefined ? undefined : attempt(readCrls, await text(paths.crl), paths.crl);
  return {
    service,
    paths: JSON.stringify(paths),
    material: await readMaterial(paths).catch(asError),
    identity,
    chain: attempt(readCertificates, certificate, paths.certificate),
    authorities,
    crls: crls && crls.length > 0 ? crls : undefined,
    ...(await probesBeside(paths.certificate, key)),
  };
}

/** What gen-certs laid beside a certificate for this purpose; a hospital's own has nothing there. */
export async function probesBeside(certificatePath: string, key: string) {
  const paths = probePaths(certificatePath);
  const of = async (path: string) => {
    const certificate = await text(path);
    return isPair(certificate, key) ? { certificate, key } : undefined;
  };
  return { expired: await of(paths.expired), sibling: await of(paths.sibling) };
}

/** Says whether a certificate is over a key; an interrupted renewal may have left one of the key before. */
export function isPair(certificate: string, key: string): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

const text = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "");

function attempt<T>(read: (text: string, path: string, hint: string) => T, text: string, path: string): T | undefined {
  try {
    return read(text, path, "");
  } catch {
    return undefined;
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(reasonOf(error)));
