import { createPrivateKey, X509Certificate } from "node:crypto";
import { cpSync, readdirSync, statSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { dayMs, generateKey } from "../../stunnel/certificates.ts";
import { readCrls } from "../../stunnel/crl.ts";
import { type EnsureOptions, ensureCertificates, type Outcome } from "../../stunnel/ensure-certificates.ts";
import { isIssuedBy } from "../../stunnel/inspect.ts";
import { Scratch } from "./scratch.ts";

const now = new Date("2026-03-01T12:00:00Z");
export const daysLater = (days: number) => new Date(now.getTime() + days * dayMs);

// Small and few keys, since what is tested here is neither their strength nor their chance.
const pool = Array.from({ length: 7 }, () => generateKey(1024));
let taken = 0;

function newKey(): Promise<string> {
  taken += 1;
  return pool[taken % pool.length] ?? generateKey(1024);
}

/** A folder of certificates to run gen-certs on, at a date of the test's own. */
export class Sandbox extends Scratch {
  constructor(copied?: Sandbox) {
    super();
    if (copied) cpSync(copied.folder, this.folder, { recursive: true, preserveTimestamps: true });
  }

  /** What a run is asked for, unless a test says otherwise. */
  options(options: Partial<EnsureOptions> = {}): EnsureOptions {
    const given = { folder: this.folder, sites: ["eai", "dpi"], hosts: [], now, newKey };
    return { ...given, renewBeforeDays: 30, force: false, forceAuthority: false, ...options };
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

  snapshot(): Record<string, string> {
    const files = readdirSync(this.folder, { recursive: true, encoding: "utf8" });
    const content = files.filter((file) => statSync(this.path(file)).isFile()).map((file) => [file, this.read(file)]);
    return Object.fromEntries(content);
  }

  /** Every pair matches, every leaf is the authority's, every copy is the authority, and nothing else is there. */
  expectSound(): void {
    for (const site of ["eai", "dpi"]) {
      const leaf = this.certificate(`${site}/${site}.crt`);
      expect(leaf.checkPrivateKey(createPrivateKey(this.read(`${site}/${site}.key`)))).toBe(true);
      expect(isIssuedBy(leaf, this.certificate("authority/ca.crt"))).toBe(true);
      expect(this.read(`${site}/ca.crt`)).toBe(this.read("authority/ca.crt"));
      expect(this.read(`${site}/ca.crl`)).toBe(this.read("authority/ca.crl"));
      expect(readdirSync(this.path(site)).sort()).toEqual(["ca.crl", "ca.crt", `${site}.crt`, `${site}.key`]);
    }
  }

  async expectRefusal(options: Partial<EnsureOptions>, error: object): Promise<void> {
    const before = this.snapshot();
    await expect(this.run(options)).rejects.toMatchObject({ name: "SafeTunnelError", ...error });
    expect(this.snapshot()).toEqual(before);
  }
}

/** Hands each test of a file a folder of its own, a copy of one in which everything is made and sound. */
export function beforeEachTest(use: (sandbox: Sandbox) => void): void {
  let made: Sandbox;
  let copy: Sandbox;
  beforeAll(async () => {
    made = new Sandbox();
    await made.run();
  });
  afterAll(() => made[Symbol.dispose]());
  beforeEach(() => {
    copy = new Sandbox(made);
    use(copy);
  });
  afterEach(() => copy[Symbol.dispose]());
}
