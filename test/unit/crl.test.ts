import { X509Certificate } from "node:crypto";
import { afterAll, describe, expect, test } from "vitest";
import type { Pair } from "../../stunnel/certificates.ts";
import { isSignedBy, revokes, serialOf } from "../../stunnel/crl.ts";
import { parseDer, partsOf } from "../../stunnel/der.ts";
import { inOneLine } from "../../stunnel/inspect.ts";
import { Scratch } from "./scratch.ts";
import { authority, daysAfter, ecPair, leafOf, listOf, now, onlyList, openssl, opensslVerdicts } from "./trust-kit.ts";

const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());

const hospital = ecPair(scratch, "hospital", "/C=FR/O=CHU Étoile/CN=Autorité de l'Hôpital");
const serials = { highBit: "8000000000000001", leadingZero: "0012", good: "7ABC" };
for (const [name, serial] of Object.entries(serials))
  ecPair(scratch, name, `/CN=${name}`, "hospital", "-set_serial", `0x${serial}`);

const x509 = ({ certificate }: Pair) => new X509Certificate(certificate);

function verdicts(issuer: string, list: string, ...files: string[]) {
  scratch.write("ca.crl", list);
  return opensslVerdicts(scratch.folder, files, "-crl_check", "-CAfile", issuer, "-CRLfile", "ca.crl");
}

describe("a list makes openssl refuse", () => {
  test("the leaf that it takes back and no other", () => {
    const [revoked, good] = [leafOf(authority), leafOf(authority)];
    scratch.write("ca.crt", authority.certificate);
    scratch.write("revoked.crt", revoked.certificate);
    scratch.write("other.crt", good.certificate);
    const list = listOf(authority, { revoked: [{ serial: serialOf(x509(revoked)), date: now }] });
    expect(verdicts("ca.crt", list, "revoked.crt", "other.crt")).toEqual({
      "revoked.crt": "certificate revoked",
      "other.crt": "OK",
    });
    expect(revokes(onlyList(list), x509(revoked))).toBe(true);
    expect(revokes(onlyList(list), x509(good))).toBe(false);
  });

  test("nothing while it is empty", () => {
    const list = listOf(hospital);
    expect(onlyList(list).revoked).toEqual([]);
    // version, algorithm, issuer, two dates and extensions: what is empty has to be left out
    expect(partsOf(partsOf(parseDer(onlyList(list).raw))[0])).toHaveLength(6);
    expect(verdicts("hospital.crt", list, "highBit.crt", "good.crt")).toEqual({
      "highBit.crt": "OK",
      "good.crt": "OK",
    });
  });

  test("serials that begin with a zero byte or a high bit, of an EC authority whose name is not ASCII", () => {
    const revoked = [serials.highBit, serials.leadingZero].map((serial) => ({ serial, date: now }));
    const list = listOf(hospital, { revoked });
    expect(verdicts("hospital.crt", list, "highBit.crt", "leadingZero.crt", "good.crt")).toEqual({
      "highBit.crt": "certificate revoked",
      "leadingZero.crt": "certificate revoked",
      "good.crt": "OK",
    });
    for (const [name, taken] of Object.entries({ highBit: true, leadingZero: true, good: false }))
      expect(revokes(onlyList(list), new X509Certificate(scratch.read(`${name}.crt`)))).toBe(taken);
  });

  test("everything once it has expired", () => {
    const list = listOf(hospital, { period: { notBefore: daysAfter(-9), notAfter: daysAfter(-2) } });
    expect(verdicts("hospital.crt", list, "good.crt")).toEqual({ "good.crt": "CRL has expired" });
  });
});

describe("a list says", () => {
  test("who made it, when, its number, whom it takes back since when, and that the next one comes in 2050", () => {
    const period = { notBefore: new Date("2049-12-31T23:59:59Z"), notAfter: new Date("2050-01-01T00:00:00Z") };
    const revoked = [{ serial: "80FF", date: new Date("2026-02-26T12:00:00Z") }];
    const list = listOf(hospital, { revoked, number: 300, period });
    const { raw: _, ...said } = onlyList(list);
    expect(said).toEqual({
      issuer: "C=FR, O=CHU Étoile, CN=Autorité de l'Hôpital",
      thisUpdate: period.notBefore,
      nextUpdate: period.notAfter,
      number: 300,
      revoked,
    });
    expect(said.issuer).toBe(inOneLine(x509(hospital).subject));
    scratch.write("ca.crl", list);
    const text = openssl(scratch.folder, "crl", "-noout", "-text", "-in", "ca.crl");
    expect(text).toContain("Version 2 (0x1)");
    expect(text).toMatch(/Last Update: Dec 31 23:59:59 2049 GMT\n\s+Next Update: Jan {2}1 00:00:00 2050 GMT/);
    expect(text).toMatch(/CRL Number: \n\s+300\n/);
    expect(text).toMatch(/Serial Number: 80FF\n\s+Revocation Date: Feb 26 12:00:00 2026 GMT/);
  });

  test.each([1, 127, 128, 255, 256, 65_536])("its number %i as it was given", (number) => {
    expect(onlyList(listOf(authority, { number })).number).toBe(number);
  });
});

test("a list that openssl made is read, with reasons, without a number, of version 1", () => {
  const database = "R\t301231235959Z\t260101000000Z\t0FA0\tunknown\t/CN=x\n";
  scratch.write("plain.txt", database);
  scratch.write("reasons.txt", database.replace("000000Z\t0FA0", "000000Z,keyCompromise\t0FA0"));
  scratch.write("number", "2A\n");
  scratch.write(
    "ca.cnf",
    `[version1]\ndatabase = plain.txt\ndefault_md = sha512\ndefault_crl_days = 7
    [version2]\ndatabase = reasons.txt\ndefault_md = sha384\ndefault_crl_days = 7\ncrlnumber = number\ncrl_extensions = v2
    [v2]\nauthorityKeyIdentifier = keyid\n`,
  );
  const pair = ["-config", "ca.cnf", "-cert", "hospital.crt", "-keyfile", "hospital.key"];
  const [version1, version2] = ["version1", "version2"].map((name) =>
    onlyList(openssl(scratch.folder, "ca", "-gencrl", "-name", name, ...pair)),
  );
  const revoked = [{ serial: "0FA0", date: new Date("2026-01-01T00:00:00Z") }];
  expect(version1).toMatchObject({ number: undefined, revoked });
  expect(version2).toMatchObject({ number: 42, revoked });
  for (const crl of [version1, version2]) expect(crl && isSignedBy(crl, x509(hospital))).toBe(true);
});
