import { execFileSync, spawnSync } from "node:child_process";
import {
  authorityExtensions,
  createAuthority,
  createLeaf,
  dayMs,
  generateKey,
  type Pair,
  periodFrom,
  signCertificate,
} from "../../stunnel/certificates.ts";
import { type Crl, type CrlRequest, createCrl, readCrls } from "../../stunnel/crl.ts";
import type { Scratch } from "./scratch.ts";

/** When everything here is made, which is today for the sake of what openssl makes; certificates count in seconds. */
export const now = new Date(Math.floor(Date.now() / 1000) * 1000);
export const daysAfter = (days: number) => new Date(now.getTime() + days * dayMs);

const [authorityKey, strangerKey, leafKey] = await Promise.all([1, 2, 3].map(() => generateKey(512)));

/** An authority of this project, another one of the very same name, and an intermediate one below the first. */
export const authority: Pair = { key: authorityKey ?? "", certificate: createAuthority(authorityKey ?? "", now) };
export const stranger: Pair = { key: strangerKey ?? "", certificate: createAuthority(strangerKey ?? "", now) };
export const intermediate: Pair = {
  key: stranger.key,
  certificate: signCertificate({
    commonName: "an intermediate authority",
    key: stranger.key,
    issuer: authority,
    period: periodFrom(now, 900),
    extensions: authorityExtensions(0),
  }),
};

export const leafOf = (issuer: Pair, site = "eai"): Pair => ({
  key: leafKey ?? "",
  certificate: createLeaf(site, [site, "localhost"], leafKey ?? "", issuer, now),
});

/** The good pair of a site. */
export const leaf = leafOf(authority);

export const listOf = (issuer: Pair, options: Partial<CrlRequest> = {}): string =>
  createCrl({ issuer, revoked: [], number: 1, period: periodFrom(now, 397), ...options });

/** The one list in a text. */
export function onlyList(text: string): Crl {
  const [crl, ...others] = readCrls(text, "ca.crl");
  if (!crl || others.length > 0) throw new Error("not exactly one list");
  return crl;
}

/** What "openssl verify" says of each file of a folder an hour from now: OK, or everything that is wrong with it. */
export function opensslVerdicts(folder: string, files: string[], ...options: string[]): Record<string, string> {
  const parameters = ["verify", "-attime", String(now.getTime() / 1000 + 3600), ...options, ...files];
  const { stdout, stderr } = spawnSync("openssl", parameters, { cwd: folder, encoding: "utf8" });
  const verdicts = Object.fromEntries(files.map((file) => [file, stdout.includes(`${file}: OK\n`) ? "OK" : stderr]));
  let reasons: string[] = [];
  for (const line of stderr.split("\n")) {
    const [, reason] = /^error \d+ at \d+ depth lookup: (.*)$/.exec(line) ?? [];
    const [, file] = /^error (.*): verification failed$/.exec(line) ?? [];
    if (reason) reasons.push(reason);
    if (!file) continue;
    verdicts[file] = reasons.join(", ");
    reasons = [];
  }
  return verdicts;
}

export const openssl = (folder: string, ...parameters: string[]): string =>
  execFileSync("openssl", parameters, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

/** Makes an EC pair with openssl, `<name>.crt` and `<name>.key`; an authority unless one of the folder issues it. */
export function ecPair(scratch: Scratch, name: string, subject: string, issuer?: string, ...options: string[]): Pair {
  const leafOptions = ["-CA", `${issuer}.crt`, "-CAkey", `${issuer}.key`, "-addext", "basicConstraints=CA:FALSE"];
  openssl(
    scratch.folder,
    ...["req", "-x509", "-utf8", "-subj", subject, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
    ...["-keyout", `${name}.key`, "-out", `${name}.crt`, "-days", "90", ...(issuer ? leafOptions : []), ...options],
  );
  return { certificate: scratch.read(`${name}.crt`), key: scratch.read(`${name}.key`) };
}
