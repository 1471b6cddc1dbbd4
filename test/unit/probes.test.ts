import type { X509Certificate } from "node:crypto";
import { mkdirSync, rmSync, statSync, unlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createAuthority, createLeaf, type Pair } from "../../stunnel/certificates.ts";
import { commonNameOf, namesOf } from "../../stunnel/inspect.ts";
import { issuedTo } from "../../stunnel/issued.ts";
import { faultOf } from "../../stunnel/lab.ts";
import { probePaths, siblingsOf } from "../../stunnel/probes.ts";
import { beforeEachTest, daysLater, type Sandbox } from "./gen-certs-sandbox.ts";
import { ecPair, opensslVerdicts, authority as stranger } from "./trust-kit.ts";

let sandbox: Sandbox;
beforeEachTest((fresh) => {
  sandbox = fresh;
});

const expired = "eai/eai.expired.crt";
const sibling = "eai/eai.sibling.crt";
const both = () => [sandbox.read(expired), sandbox.read(sibling)];
const keyOf = (file: string) => sandbox.read(file);
const authority = (): Pair => ({ certificate: sandbox.read("authority/ca.crt"), key: keyOf("authority/ca.key") });
const remove = (...files: string[]) => files.forEach((file) => void unlinkSync(sandbox.path(file)));

test("each site has two certificates over its key with one fault each, marked for a person who finds them", async () => {
  remove(expired, sibling);
  await sandbox.run();
  sandbox.expectSound();
  const at = ["-attime", String(daysLater(0).getTime() / 1000)];
  const options = ["-x509_strict", "-CAfile", "authority/ca.crt", "-verify_hostname", "eai", ...at];
  expect(opensslVerdicts(sandbox.folder, ["eai/eai.crt", expired, sibling], ...options)).toEqual({
    "eai/eai.crt": "OK",
    [expired]: "certificate has expired",
    [sibling]: "hostname mismatch",
  });
  expect(commonNameOf(sandbox.certificate(expired))).toBe("eai");
  expect(namesOf(sandbox.certificate(expired))).toEqual(namesOf(sandbox.certificate("eai/eai.crt")));
  expect(namesOf(sandbox.certificate("dpi/dpi.sibling.crt"))).toEqual(["sibling-of-dpi.invalid"]);
  for (const [file, mark] of [
    [expired, "OU=probe expired"],
    [sibling, "OU=probe sibling"],
  ] as const) {
    expect(sandbox.certificate(file).subject).toContain(mark);
    expect(faultOf(sandbox.certificate(file))).toBeUndefined();
    expect(statSync(sandbox.path(file)).mode & 0o777).toBe(0o644);
  }
});

test("they lie beside the certificate, whatever that is called", () => {
  const paths = (name: string) => ({ expired: `${name}.expired.crt`, sibling: `${name}.sibling.crt` });
  expect(probePaths("/certs/eai.crt")).toEqual(paths("/certs/eai"));
  expect(probePaths("gateway.hospital.pem")).toEqual(paths("gateway.hospital"));
});

const leaf = (names: string[], days: number, key = keyOf("eai/eai.key"), issuer = authority()) =>
  createLeaf(names[0] ?? "", names, key, issuer, daysLater(days));
const siblingName = "sibling-of-eai.invalid";

describe("one that does not serve its purpose is made again, and the other is kept", () => {
  test.each<[string, string, () => string | undefined]>([
    ["expired", "is missing", () => undefined],
    ["expired", "is damaged", () => sandbox.read(expired).slice(0, 200)],
    ["expired", "is over another key", () => leaf(["eai"], -400, keyOf("dpi/dpi.key"))],
    ["expired", "is another authority's", () => leaf(["eai"], -400, undefined, stranger)],
    ["expired", "has not ended", () => sandbox.read("eai/eai.crt")],
    ["sibling", "is missing", () => undefined],
    ["sibling", "is over another key", () => leaf([siblingName], 0, keyOf("dpi/dpi.key"))],
    ["sibling", "is another authority's", () => leaf([siblingName], 0, undefined, stranger)],
    ["sibling", "is the site's own", () => sandbox.read("eai/eai.crt")],
    ["sibling", "has 29 days left", () => leaf([siblingName], -367)],
    ["sibling", "is not valid yet", () => leaf([siblingName], 1)],
  ])("%s: it %s", async (what, _why, text) => {
    const before = both();
    const [file, index] = what === "expired" ? [expired, 0] : [sibling, 1];
    const put = text();
    if (put === undefined) remove(file);
    else sandbox.write(file, put);
    expect(await sandbox.done()).toEqual(["kept", "kept", "kept"]);
    sandbox.expectSound();
    expect(both().map((now, each) => now === before[each])).toEqual([index !== 0, index !== 1]);
    expect(both()[index]).not.toBe(put);
  });

  test("sibling: not while it has 30 days left", async () => {
    const put = leaf([siblingName], -366);
    sandbox.write(sibling, put);
    await sandbox.run();
    expect(sandbox.read(sibling)).toBe(put);
  });
});

test("they are those of the new pair after a rotation that was interrupted before them", async () => {
  mkdirSync(sandbox.path(`${expired}.new`));
  const before = [...both(), keyOf("eai/eai.key")];
  await expect(sandbox.run({ sites: ["eai"], force: true })).rejects.toMatchObject({ code: "file-unwritable" });
  expect([...both(), keyOf("eai/eai.key")].map((now, each) => now === before[each])).toEqual([true, true, false]);
  rmSync(sandbox.path(`${expired}.new`), { recursive: true });
  expect(await sandbox.done()).toEqual(["kept", "kept", "kept"]);
  sandbox.expectSound();
});

describe("the sibling", () => {
  const serialsOf = (certificates: X509Certificate[]) => certificates.map(({ serialNumber }) => serialNumber).sort();
  const overKeyOf = (file: string) => siblingsOf([sandbox.certificate(file)], sandbox.options());

  test("stands among what was issued to the site, and stays there when it was rotated away", async () => {
    const first = sandbox.certificate(sibling);
    await sandbox.run({ sites: ["eai"], force: true });
    const issued = serialsOf(await issuedTo(sandbox.folder, "eai", daysLater(0)));
    expect(issued).toEqual(expect.arrayContaining(serialsOf([first, sandbox.certificate(sibling)])));
  });

  test("is found by the key of the site's own, whose own is not found by the sibling's", async () => {
    const expected = serialsOf([sandbox.certificate(sibling)]);
    expect(serialsOf(await overKeyOf("eai/eai.crt"))).toEqual(expected);
    expect(serialsOf(await overKeyOf(sibling))).toEqual(expected);
    await sandbox.run({ sites: ["eai"], force: true });
    expect(serialsOf(await overKeyOf("eai/eai.crt"))).toEqual(serialsOf([sandbox.certificate(sibling)]));
  });

  test("is not made for a site that is shut out, over the very key, until that is rotated by its name", async () => {
    remove(expired, sibling);
    await sandbox.run({ revoke: [sandbox.certificate("eai/eai.crt")] });
    await sandbox.run();
    expect(() => both()).toThrow("ENOENT");
    await sandbox.run({ sites: ["eai"], force: true });
    sandbox.expectSound();
  });
});

describe("nothing is made, and nothing fails", () => {
  test.each<[string, () => void]>([
    ["without the authority's key", () => remove("authority/ca.key")],
    [
      "by an authority that was not made here",
      () => {
        const key = keyOf("authority/ca.key");
        const hospital = { key, certificate: createAuthority(key, daysLater(0), "Autorité de l'Hôpital") };
        sandbox.write("authority/ca.crt", hospital.certificate);
        for (const site of ["eai", "dpi"])
          sandbox.write(`${site}/${site}.crt`, leaf([site], 0, keyOf(`${site}/${site}.key`), hospital));
        remove("authority/ca.crl");
      },
    ],
  ])("%s", async (_what, change) => {
    remove(expired, sibling);
    change();
    expect(await sandbox.done()).toEqual(["kept", "kept", "kept"]);
    expect(() => both()).toThrow("ENOENT");
  });

  test("over a key that is no RSA key", async () => {
    // openssl makes it of today
    for (const [end, text] of Object.entries({ crt: stranger.certificate, key: stranger.key }))
      sandbox.write(`authority/ca.${end}`, text);
    remove(expired, sibling, "authority/ca.crl");
    ecPair(sandbox, "eai/eai", "/CN=eai", "authority/ca");
    expect(await sandbox.done({ sites: ["eai"], now: new Date() })).toEqual(["kept", "kept"]);
    expect(() => both()).toThrow("ENOENT");
  });
});
