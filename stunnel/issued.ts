import type { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isIssuedBy, readCertificates } from "./inspect.ts";
import { makeFolder, readText, savePublic } from "./pair-files.ts";

/*
 * A certificate that was replaced stays valid until it ends. Whoever has its key still passes for the site, so the
 * authority keeps a copy of all that it issued: nobody can revoke what nobody has.
 */

const folderOf = (folder: string): string => join(folder, "authority", "issued");
const hint = "remove the file, if it is none of yours";

/** Keeps a copy of a site's certificate. Throws invalid-certificate, file-unwritable. */
export async function recordIssued(folder: string, site: string, text: string): Promise<void> {
  const [certificate] = readCertificates(text, site, hint);
  await makeFolder(folderOf(folder), 0o700);
  await savePublic(join(folderOf(folder), `${site}-${certificate.serialNumber}.crt`), certificate.toString());
}

/** Returns what was issued to a site and has not ended, of authorities that are still believed. Throws file-unreadable, invalid-certificate. */
export async function issuedTo(folder: string, site: string, now: Date): Promise<X509Certificate[]> {
  const authoritiesPath = join(folder, site, "ca.crt");
  const believed = readCertificates((await readText(authoritiesPath)) ?? "", authoritiesPath, hint);
  const files = existsSync(folderOf(folder)) ? await readdir(folderOf(folder)) : [];
  const issued: X509Certificate[] = [];
  for (const file of files.filter((name) => new RegExp(`^${site}-[0-9A-F]+\\.crt$`).test(name))) {
    const path = join(folderOf(folder), file);
    const [certificate] = readCertificates((await readText(path)) ?? "", path, hint);
    if (certificate.validToDate > now && believed.some((authority) => isIssuedBy(certificate, authority)))
      issued.push(certificate);
  }
  return issued;
}
