import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Pair } from "../../stunnel/certificates.ts";
import { isSignedBy, readCrls } from "../../stunnel/crl.ts";
import { authority, intermediate, listOf, now, onlyList, stranger } from "./trust-kit.ts";

const x509 = ({ certificate }: Pair) => new X509Certificate(certificate);
const serial = "55AA55AA55AA55AA";
const list = listOf(authority, { revoked: [{ serial, date: now }] });

const pemOf = (der: Buffer) => `-----BEGIN X509 CRL-----\n${der.toString("base64")}\n-----END X509 CRL-----\n`;

/** The list with some bytes, given in hexadecimal, replaced wherever they stand. */
function altered(from: string, to: string): string {
  const hex = onlyList(list).raw.toString("hex");
  expect(hex).toContain(from);
  return pemOf(Buffer.from(hex.replaceAll(from, to), "hex"));
}

describe("a file of several lists", () => {
  const text = `a remark\n${list}${listOf(intermediate, { number: 7 }).replaceAll("\n", "\r\n")}`;

  test("is read in its order, whatever stands between them", () => {
    expect(readCrls(text, "ca.crl").map(({ issuer, number }) => [issuer, number])).toEqual([
      ["CN=mllp-safetunnel sandbox CA, O=mllp-safetunnel sandbox", 1],
      ["CN=an intermediate authority, O=mllp-safetunnel sandbox", 7],
    ]);
  });

  test("has one for each of its authorities", () => {
    const signed = ({ certificate }: Pair) =>
      readCrls(text, "ca.crl").map((crl) => isSignedBy(crl, new X509Certificate(certificate)));
    expect([authority, intermediate, stranger].map(signed)).toEqual([
      [true, false],
      [false, true],
      [false, false],
    ]);
  });

  test("may be empty", () => {
    expect(readCrls("no list in here", "ca.crl")).toEqual([]);
  });
});

describe("what is no sound list is refused with its path", () => {
  test.each([
    ["cut in its middle", list.slice(0, 300)],
    ["cut behind a whole one", list + list.slice(0, 300)],
    ["cut, with a whole one behind", list.slice(0, 300) + list],
    ["with a line missing", list.replace(/\n.+\n(?=-----END)/, "\n")],
    ["of noise", pemOf(Buffer.from("noise"))],
    ["of nothing", pemOf(Buffer.alloc(0))],
    ["that is a certificate", pemOf(x509(authority).raw)],
    ["with more behind its end", pemOf(Buffer.concat([onlyList(list).raw, Buffer.from("more")]))],
  ])("one %s", (_what, text) => {
    expect(() => readCrls(text, "/certs/ca.crl")).toThrow(
      expect.objectContaining({ code: "invalid-certificate", message: expect.stringContaining("/certs/ca.crl") }),
    );
  });
});

describe("a signature", () => {
  test("is the authority's, and not that of another one of the same name", () => {
    expect(isSignedBy(onlyList(list), x509(authority))).toBe(true);
    expect(x509(stranger).subject).toBe(x509(authority).subject);
    expect(isSignedBy(onlyList(list), x509(stranger))).toBe(false);
  });

  test("does not cover a serial that was altered", () => {
    const tampered = onlyList(altered(serial.toLowerCase(), "55aa55aa55aa55ab"));
    expect(tampered.revoked).toMatchObject([{ serial: "55AA55AA55AA55AB" }]);
    expect(isSignedBy(tampered, x509(authority))).toBe(false);
  });

  test("of an algorithm that is not known is neither right nor wrong", () => {
    // from RSA PKCS#1 with SHA-256 to RSA-PSS
    const unknown = onlyList(altered("06092a864886f70d01010b", "06092a864886f70d01010a"));
    expect(isSignedBy(unknown, x509(authority))).toBeUndefined();
    expect(isSignedBy(unknown, x509(intermediate))).toBe(false);
  });
});
