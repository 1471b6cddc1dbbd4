import { createHash, type X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { reasonOf, SafeTunnelError } from "../src/errors.ts";
import type { TrustPaths } from "../src/site/stunnel-conf.ts";
import { type Crl, readCrls } from "./crl.ts";
import { inspectPair, readCertificates } from "./inspect.ts";

/** What a Stunnel shows and believes, read and found sound: every PEM is whole, and the key is the certificate's. */
export interface Material {
  paths: TrustPaths;
  /** The own certificate, and the intermediate ones behind it. */
  chain: [X509Certificate, ...X509Certificate[]];
  authorities: X509Certificate[];
  /** Undefined where the configuration names no CRLfile. */
  crls: Crl[] | undefined;
  /** The same for the same content of all files. */
  digest: string;
}

const hint = 'make the files with "docker compose run --rm certs", or put the right ones back';

/**
 * Reads the files that a Stunnel is given, before Stunnel does.
 *
 * Throws file-unreadable, invalid-certificate, key-mismatch.
 */
export async function readMaterial(paths: TrustPaths): Promise<Material> {
  const [certificate, key, authorities, crl] = await Promise.all([
    readNeeded(paths.certificate),
    readNeeded(paths.key),
    readNeeded(paths.authorities),
    paths.crl === undefined ? undefined : readNeeded(paths.crl, crlHint),
  ]);
  // the pair is read from the texts in hand, so that what is judged is what the digest stands for
  inspectPair(paths, hint, { certificate, key });
  const crls = paths.crl === undefined || crl === undefined ? undefined : requireCrls(crl, paths.crl);
  return {
    paths,
    chain: readCertificates(certificate, paths.certificate, hint),
    authorities: readCertificates(authorities, paths.authorities, hint),
    crls,
    digest: createHash("sha256").update([certificate, key, authorities, crl].join("\0")).digest("hex"),
  };
}

/** Reads the CRLs of a PEM file, at least one. Throws invalid-certificate. */
export function requireCrls(text: string, path: string): Crl[] {
  const crls = readCrls(text, path);
  if (crls.length > 0) return crls;
  throw new SafeTunnelError("invalid-certificate", `cannot use ${path}, no CRL is in it`, { hint: crlHint });
}

const crlHint =
  "put the CRL of the authority there, as PEM (openssl crl -inform der -in list -out ca.crl); to accept revoked certificates, take CRLfile out of stunnel.conf";

async function readNeeded(path: string, remedy = hint): Promise<string> {
  return await readFile(path, "utf8").catch((cause) => {
    const what = `cannot read ${path}, which Stunnel needs: ${reasonOf(cause)}`;
    const isMissing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    const hint = isMissing ? remedy : `${remedy}, and let user ${process.getuid?.()} read it`;
    throw new SafeTunnelError("file-unreadable", what, { hint, cause });
  });
}
