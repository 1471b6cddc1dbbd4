import { mkdirSync, rmSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { commonNameOf, keyKindOf } from "../../stunnel/inspect.ts";
import { readMaterial } from "../../stunnel/material.ts";
import { Scratch } from "./scratch.ts";
import { authority, ecPair, intermediate, leaf, leafOf, listOf, openssl, stranger } from "./trust-kit.ts";

const good = {
  "eai.crt": leaf.certificate,
  "eai.key": leaf.key,
  "ca.crt": authority.certificate,
  "ca.crl": listOf(authority),
};
type File = keyof typeof good;

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
  for (const [file, text] of Object.entries(good)) scratch.write(file, text);
});
afterEach(() => scratch[Symbol.dispose]());

const paths = () => ({
  certificate: scratch.path("eai.crt"),
  key: scratch.path("eai.key"),
  authorities: scratch.path("ca.crt"),
  crl: scratch.path("ca.crl"),
});

describe("what is sound is read", () => {
  test("a pair, its authority and the list", async () => {
    const material = await readMaterial(paths());
    expect(material).toMatchObject({ paths: paths(), crls: [{ number: 1, revoked: [] }] });
    expect(material.chain.map(commonNameOf)).toEqual(["eai"]);
    expect(material.authorities.map(commonNameOf)).toEqual(["mllp-safetunnel sandbox CA"]);
  });

  test("a chain, several authorities, several lists", async () => {
    scratch.write("eai.crt", leafOf(intermediate).certificate + intermediate.certificate);
    scratch.write("ca.crt", authority.certificate + stranger.certificate);
    scratch.write("ca.crl", listOf(authority) + listOf(intermediate));
    const { chain, authorities, crls } = await readMaterial(paths());
    expect(chain.map(commonNameOf)).toEqual(["eai", "an intermediate authority"]);
    expect([authorities.length, crls?.length]).toEqual([2, 2]);
  });

  test("an EC pair of an EC authority", async () => {
    mkdirSync(scratch.path("ec"));
    ecPair(scratch, "ec/ca", "/CN=Autorité");
    const pair = ecPair(scratch, "ec/eai", "/CN=eai", "ec/ca");
    scratch.write("eai.crt", pair.certificate);
    scratch.write("eai.key", pair.key);
    const { chain } = await readMaterial({ ...paths(), authorities: scratch.path("ec/ca.crt") });
    expect(keyKindOf(chain[0])).toBe("EC prime256v1");
  });

  test("a key in the file of its certificate", async () => {
    const certificate = scratch.write("eai.pem", leaf.key + leaf.certificate);
    const { chain } = await readMaterial({ ...paths(), certificate, key: certificate });
    expect(chain.map(commonNameOf)).toEqual(["eai"]);
  });

  test("no list where none is configured", async () => {
    const { crls } = await readMaterial({ ...paths(), crl: undefined });
    expect(crls).toBeUndefined();
  });
});

describe("what is not is refused, with its path and what to do", () => {
  test.each<[string, File, string, string]>([
    ["a key of another certificate", "eai.key", stranger.key, "key-mismatch"],
    ["a damaged key", "eai.key", leaf.key.slice(0, 200), "invalid-certificate"],
    ["a truncated certificate", "eai.crt", leaf.certificate.slice(0, 200), "invalid-certificate"],
    [
      "a chain that is cut",
      "eai.crt",
      leaf.certificate + intermediate.certificate.slice(0, 200),
      "invalid-certificate",
    ],
    ["a truncated authority", "ca.crt", authority.certificate.slice(0, 200), "invalid-certificate"],
    ["no authority", "ca.crt", "", "invalid-certificate"],
    ["a truncated CRL", "ca.crl", good["ca.crl"].slice(0, 200), "invalid-certificate"],
    ["a file without a CRL", "ca.crl", authority.certificate, "invalid-certificate"],
  ])("%s", async (_what, file, text, code) => {
    scratch.write(file, text);
    const message = expect.stringContaining(scratch.path(file));
    await expect(readMaterial(paths())).rejects.toMatchObject({ code, message, hint: expect.stringContaining("put") });
  });

  test.each(Object.keys(good))("a missing %s", async (file) => {
    rmSync(scratch.path(file));
    await expect(readMaterial(paths())).rejects.toMatchObject({
      code: "file-unreadable",
      message: expect.stringContaining(scratch.path(file)),
      hint: expect.stringContaining(file === "ca.crl" ? "take CRLfile out" : "docker compose run --rm certs"),
    });
  });
});

test.each([
  ["PKCS #8", ["pkcs8", "-topk8", "-v2", "aes256"]],
  ["the older form", ["rsa", "-traditional", "-aes256"]],
])("a key with a password (%s) is named, with how to write it without", async (_form, command) => {
  openssl(scratch.folder, ...command, "-in", "eai.key", "-passout", "pass:a-secret", "-out", "locked.key");
  await expect(readMaterial({ ...paths(), key: scratch.path("locked.key") })).rejects.toMatchObject({
    code: "invalid-certificate",
    message: `cannot use ${scratch.path("locked.key")}: it has a password, and nobody to give it`,
    hint: expect.stringMatching(
      /^write the key without its password, .*: openssl pkey -in locked\.key -out open\.key$/,
    ),
  });
});

test("a chain in the wrong order is no other key: the certificate has to come first", async () => {
  scratch.write("eai.crt", authority.certificate + leaf.certificate);
  await expect(readMaterial(paths())).rejects.toMatchObject({
    code: "key-mismatch",
    message: `${scratch.path("eai.crt")} does not begin with the certificate of ${scratch.path("eai.key")}`,
    hint: expect.stringContaining("first"),
  });
});

test("the former certificate of the same key behind the present one is no wrong order", async () => {
  scratch.write("eai.crt", leaf.certificate + leaf.certificate);
  expect((await readMaterial(paths())).chain.map(commonNameOf)).toEqual(["eai", "eai"]);
});

test("the digest is that of all files, and another one when any of them is", async () => {
  const digests = [(await readMaterial(paths())).digest];
  for (const [file, text] of Object.entries(good)) {
    scratch.write(file, `${text}\n`);
    digests.push((await readMaterial(paths())).digest);
    scratch.write(file, text);
  }
  digests.push((await readMaterial({ ...paths(), crl: undefined })).digest);
  expect(new Set(digests).size).toBe(6);
  expect((await readMaterial(paths())).digest).toBe(digests[0]);
});
