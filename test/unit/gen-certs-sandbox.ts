import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdirSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach, expect } from "vitest";
import { dayMs, generateKey } from "../../stunnel/certificates.ts";
import { readCrls } from "../../stunnel/crl.ts";
import { type EnsureOptions, ensureCertificates, type Outcome } from "../../stunnel/ensure-certificates.ts";
import { isIssuedBy } from "../../stunnel/inspect.ts";
import { Scratch } from "./scratch.ts";

const now = new Date("2026-03-01T12:00:00Z");
export const daysLater = (days: number) => new Date(now.getTime() + days * dayMs);

// Small and few keys, since what is tested here is neither their strength nor their chance.
const pool = Array.from({ length: 7 }, () => generateKey(512));
let taken = 0;

/** Returns one of the few that is none of those in use. */
async function newKey(used: string[]): Promise<string> {
  taken += 1;
  const key = (await pool[taken % pool.length]) ?? "";
  return used.includes(key) ? await newKey(used) : key;
}

/** The files of a folder, by their paths in it. */
export type Files = Record<string, string>;

/** A folder of certificates to run gen-certs on, at a date of the test's own. */
export class Sandbox extends Scratch {
  constructor(files: Files = {}) {
    super();
    for (const folder of new Set(Object.keys(files).map(dirname))) mkdirSync(this.path(folder), { recursive: true });
    for (const [file, text] of Object.entries(files)) this.write(file, text);
  }

  /** What a run is asked for, unless a test says otherwise. */
  options(options: Partial<EnsureOptions> = {}): EnsureOptions {
    const given = { folder: this.folder, sites: ["eai", "dpi"], hosts: [], now };
    const fresh = () => newKey(Object.values(this.snapshot(".key")));
    return { ...given, newKey: fresh, renewBeforeDays: 30, force: false, forceAuthority: false, ...options };
  }

  run(options: Partial<EnsureOptions> = {}): Promise<Outcome[]> {
    return ensureCertificates(this.options(options));
  }

  /** What became of each certificate, the authority first. */
  async done(options: Partial<EnsureOptions> = {}): Promise<string[]> {
    return (await this.run(options)).filter(({ path }) => path.endsWith(".crt")).map(({ done }) => done);
  }

  certificate(file: string): X509Certificate {
    return new X509Certificate(this.read(file));
  }

  /** The serials that the list in a file takes back. */
  revoked(file: string): string[] {
    return readCrls(this.read(file), file).flatMap(({ revoked }) => revoked.map(({ serial }) => serial));
  }

  snapshot(end = ""): Files {
    const entries = readdirSync(this.folder, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile() && entry.name.endsWith(end))
      .map((entry) => relative(this.folder, join(entry.parentPath, entry.name)));
    return Object.fromEntries(files.map((file) => [file, this.read(file)]));
  }

  /** Every certificate of a site is over its key and the authority's, every copy is the authority, nothing else is there. */
  expectSound(): void {
    for (const site of ["eai", "dpi"]) {
      const overItsKey = [`${site}.crt`, `${site}.expired.crt`, `${site}.sibling.crt`];
      for (const certificate of overItsKey.map((file) => this.certificate(`${site}/${file}`))) {
        expect(certificate.checkPrivateKey(createPrivateKey(this.read(`${site}/${site}.key`)))).toBe(true);
        expect(isIssuedBy(certificate, this.certificate("authority/ca.crt"))).toBe(true);
      }
      expect(this.read(`${site}/ca.crt`)).toBe(this.read("authority/ca.crt"));
      expect(this.read(`${site}/ca.crl`)).toBe(this.read("authority/ca.crl"));
      expect(readdirSync(this.path(site)).sort()).toEqual(["ca.crl", "ca.crt", ...overItsKey, `${site}.key`].sort());
    }
  }

  async expectRefusal(options: Partial<EnsureOptions>, error: object): Promise<void> {
    const before = this.snapshot();
    await expect(this.run(options)).rejects.toMatchObject({ name: "SafeTunnelError", ...error });
    expect(this.snapshot()).toEqual(before);
  }
}

/** Returns the files of a folder in which this was done; made once for all files of tests. */
export async function filesOf(make: (sandbox: Sandbox) => Promise<unknown>, before: Files = {}): Promise<Files> {
  using sandbox = new Sandbox(before);
  await make(sandbox);
  return sandbox.snapshot();
}

/** A folder in which everything is made and sound, with keys that no test is given again. */
export const made = await filesOf((sandbox) => sandbox.run({ newKey: () => generateKey(512) }));

/** Hands each test of a file or a group a folder of its own. */
export function beforeEachTest(use: (sandbox: Sandbox) => void, files = made): void {
  let copy: Sandbox;
  beforeEach(() => {
    copy = new Sandbox(files);
    use(copy);
  });
  afterEach(() => copy[Symbol.dispose]());
}
