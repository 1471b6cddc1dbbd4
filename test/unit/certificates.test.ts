import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serialIn } from "../../src/site/issued-names.ts";
import {
  createAuthority,
  createLeaf,
  dayMs,
  generateKey,
  leafExtensions,
  type Pair,
  periodFrom,
  signCertificate,
} from "../../stunnel/certificates.ts";
import { isIssuedBy, namesOf } from "../../stunnel/inspect.ts";

const now = new Date();
const folder = mkdtempSync(join(tmpdir(), "certificates-"));
let authority: Pair;
let stranger: Pair;
let leafKey: string;

beforeAll(async () => {
  // Small keys, since their strength is not what is tested here.
  const [first, second, third] = await Promise.all([generateKey(512), generateKey(512), generateKey(512)]);
  authority = { key: first, certificate: createAuthority(first, now) };
  stranger = { key: second, certificate: createAuthority(second, now) };
  leafKey = third;
});
afterAll(() => rmSync(folder, { recursive: true }));

function opensslVerify(leaf: string, trusted: string, purpose: string): string {
  writeFileSync(join(folder, "leaf.crt"), leaf);
  writeFileSync(join(folder, "ca.crt"), trusted);
  const parameters = ["verify", "-x509_strict", "-purpose", purpose, "-CAfile", "ca.crt", "leaf.crt"];
  return execFileSync("openssl", parameters, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

function opensslText(certificate: string): string {
  return execFileSync("openssl", ["x509", "-noout", "-text"], { input: certificate, encoding: "utf8" });
}

/** What openssl says of a certificate's number and names, these as Stunnel logs them. */
function opensslNames(certificate: string) {
  const options = ["-serial", "-subject", "-issuer", "-nameopt", "oneline,-esc_msb,-space_eq"];
  const said = execFileSync("openssl", ["x509", "-noout", ...options], { input: certificate, encoding: "utf8" });
  const [, serial, subject = "", issuer = ""] = /^serial=(.*)\nsubject=(.*)\nissuer=(.*)\n$/.exec(said) ?? [];
  return { serial, subject, issuer };
}

const leafOf = (issuer: Pair, names = ["eai", "localhost"]) => createLeaf("eai", names, leafKey, issuer, now);

describe("a leaf", () => {
  test.each(["sslserver", "sslclient"])("passes openssl's strict check as %s", (purpose) => {
    expect(opensslVerify(leafOf(authority), authority.certificate, purpose)).toContain("leaf.crt: OK");
  });

  test("fails it under another authority of the same name", () => {
    expect(() => opensslVerify(leafOf(authority), stranger.certificate, "sslserver")).toThrow(
      /unable to get local issuer/,
    );
  });

  test("fails it with the usage of one side taken away", () => {
    const extensions = leafExtensions(["eai"]).filter(
      (extension) => !("extKeyUsage" === Reflect.get(extension, "name")),
    );
    const clientOnly = signCertificate({
      commonName: "eai",
      key: leafKey,
      issuer: authority,
      period: periodFrom(now, 10),
      extensions: [...extensions, { name: "extKeyUsage", clientAuth: true }],
    });
    expect(opensslVerify(clientOnly, authority.certificate, "sslclient")).toContain("OK");
    expect(() => opensslVerify(clientOnly, authority.certificate, "sslserver")).toThrow(/purpose/);
  });

  test("carries its names as DNS names and addresses", () => {
    const names = ["eai", "localhost", "eai.hospital.example", "10.0.0.1", "2001:db8::1"];
    expect(namesOf(new X509Certificate(leafOf(authority, names)))).toEqual(names);
  });

  test("signs and does nothing else, for both ends of a tunnel", () => {
    const text = opensslText(leafOf(authority));
    expect(text).toMatch(/Version: 3 /);
    expect(text).toMatch(/Signature Algorithm: sha256WithRSAEncryption/);
    expect(text).toMatch(/Key Usage: critical\n\s+Digital Signature\n/);
    expect(text).toMatch(/TLS Web Server Authentication, TLS Web Client Authentication\n/);
    expect(text).toMatch(/CA:FALSE/);
    expect(text).toMatch(/Subject Key Identifier/);
    expect(text).toMatch(/Authority Key Identifier/);
  });

  test("is valid for 397 days in total, the first five minutes of them past", () => {
    const { validFromDate, validToDate } = new X509Certificate(leafOf(authority));
    expect(validToDate.getTime() - validFromDate.getTime() + 1000).toBe(397 * dayMs);
    expect(now.getTime() - validFromDate.getTime()).toBeGreaterThanOrEqual(5 * 60 * 1000);
  });

  test("does not outlive its authority", () => {
    const tenDaysBeforeItsEnd = new Date(now.getTime() + (3653 - 10) * dayMs);
    const leaf = new X509Certificate(createLeaf("eai", ["eai"], leafKey, authority, tenDaysBeforeItsEnd));
    expect(leaf.validTo).toBe(new X509Certificate(authority.certificate).validTo);
  });

  test("has a positive serial of 128 bits, another one each time", () => {
    const serials = Array.from({ length: 3 }, () => new X509Certificate(leafOf(authority)).serialNumber);
    expect(new Set(serials).size).toBe(3);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
  });

  test("bears its serial in its subject, where whoever reads Stunnel's log finds it", () => {
    const { serial, subject, issuer } = opensslNames(leafOf(authority));
    expect(subject).toBe(`CN=eai, O=mllp-safetunnel sandbox, serialNumber=cert:${serial}`);
    expect(serialIn(subject, issuer)).toBe(serial);
    const probe = opensslNames(createLeaf("sibling-of-eai.invalid", ["x"], leafKey, authority, now, "probe sibling"));
    expect(serialIn(probe.subject, probe.issuer)).toBe(probe.serial);
  });

  test("of another authority bears it too, and is not believed in that", () => {
    const foreign = { key: stranger.key, certificate: utf8Authority(stranger.key) };
    const { serial, subject, issuer } = opensslNames(leafOf(foreign));
    expect(subject).toContain(`serialNumber=cert:${serial}`);
    expect(serialIn(subject, issuer)).toBeUndefined();
  });

  test("names an issuer whose name is not ASCII as that issuer names itself", () => {
    const foreign = { key: stranger.key, certificate: utf8Authority(stranger.key) };
    expect(new X509Certificate(foreign.certificate).subject).toContain("Hôpital");
    expect(isIssuedBy(new X509Certificate(leafOf(foreign)), new X509Certificate(foreign.certificate))).toBe(true);
  });
});

describe("the authority", () => {
  test("may sign leaves, CRLs and one level of further authorities, for ten years", () => {
    const text = opensslText(authority.certificate);
    expect(text).toMatch(/Basic Constraints: critical\n\s+CA:TRUE, pathlen:1\n/);
    expect(text).toMatch(/Key Usage: critical\n\s+Certificate Sign, CRL Sign\n/);
    const { validFromDate, validToDate } = new X509Certificate(authority.certificate);
    expect(validToDate.getUTCFullYear() - validFromDate.getUTCFullYear()).toBe(10);
  });

  test("has a name without a number, so that a renewed one has the same", () => {
    expect(opensslNames(authority.certificate).subject).toBe(
      "CN=mllp-safetunnel sandbox CA, O=mllp-safetunnel sandbox",
    );
  });

  test("renewed with its own key goes on vouching for what it signed, and a leaf made after passes under the old", () => {
    const later = createAuthority(authority.key, new Date(now.getTime() + 1000));
    expect(later).not.toBe(authority.certificate);
    expect(opensslVerify(leafOf(authority), later, "sslserver")).toContain("OK");
    expect(opensslVerify(leafOf({ ...authority, certificate: later }), authority.certificate, "sslserver")).toContain(
      "OK",
    );
  });
});

test("a key is PKCS#8 PEM", () => {
  expect(authority.key).toMatch(/^-----BEGIN PRIVATE KEY-----\n[\w+/=\n]+-----END PRIVATE KEY-----\n$/);
});

function utf8Authority(key: string): string {
  writeFileSync(join(folder, "foreign.key"), key, { mode: 0o600 });
  const subject = ["-utf8", "-subj", "/CN=Autorité de l'Hôpital"];
  return execFileSync("openssl", ["req", "-x509", "-new", "-key", "foreign.key", "-days", "900", ...subject], {
    cwd: folder,
    encoding: "utf8",
  });
}
