import { X509Certificate } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readCrls, revokes, serialOf } from "../../stunnel/crl.ts";
import { isIssuedBy } from "../../stunnel/inspect.ts";
import { issuedTo } from "../../stunnel/issued.ts";
import { replaceAuthority } from "../../stunnel/replace-authority.ts";
import { beforeEachTest, daysLater, type Files, Sandbox } from "./gen-certs-sandbox.ts";
import { ecPair, intermediate, leaf, listOf, openssl, authority as ours } from "./trust-kit.ts";

let sandbox: Sandbox;
beforeEachTest((fresh) => {
  sandbox = fresh;
});

const eai = () => sandbox.certificate("eai/eai.crt");
const dpi = () => sandbox.certificate("dpi/dpi.crt");
const revoked = () => sandbox.revoked("authority/ca.crl");
const numberOf = () => readCrls(sandbox.read("authority/ca.crl"), "")[0]?.number;

describe("what is revoked", () => {
  test("stands in the list of its authority and in both sites' copy, and a site keeps its pair", async () => {
    const pair = [sandbox.read("eai/eai.crt"), sandbox.read("eai/eai.key")];
    const [, , , list] = await sandbox.run({ revoke: [eai()] });
    expect(list).toMatchObject({ path: sandbox.path("authority/ca.crl"), done: "renewed", reason: "1 more revoked" });
    expect([revoked(), numberOf()]).toEqual([[eai().serialNumber], 2]);
    expect(await sandbox.done()).toEqual(["kept", "kept", "kept"]);
    expect([sandbox.read("eai/eai.crt"), sandbox.read("eai/eai.key")]).toEqual(pair);
    sandbox.expectSound();
  });

  test("is revoked once, however often it is asked for", async () => {
    await sandbox.run({ revoke: [eai(), eai()] });
    const before = sandbox.snapshot();
    await sandbox.run({ revoke: [eai()] });
    expect(sandbox.snapshot()).toEqual(before);
    expect(revoked()).toEqual([eai().serialNumber]);
  });

  test("is replaced by a rotation, whose certificate is good", async () => {
    const old = eai().serialNumber;
    await sandbox.run({ revoke: [eai()] });
    expect(await sandbox.done({ sites: ["eai"], force: true })).toEqual(["kept", "replaced"]);
    expect(eai().serialNumber).not.toBe(old);
    expect(revoked()).toEqual([old]);
    sandbox.expectSound();
  });

  test("stays so when the list is renewed, and when more comes to it", async () => {
    const [first, second] = [eai(), dpi()];
    await sandbox.run({ revoke: [first] });
    await sandbox.run({ now: daysLater(380), revoke: [second] });
    expect([revoked(), numberOf()]).toEqual([[first.serialNumber, second.serialNumber], 3]);
    const outcomes = await sandbox.run({ now: daysLater(750) });
    expect(outcomes.at(-1)).toMatchObject({ done: "renewed", reason: "had 26 days left", daysLeft: 396 });
    expect([revoked(), numberOf()]).toEqual([[first.serialNumber, second.serialNumber], 4]);
    const [list] = readCrls(sandbox.read("authority/ca.crl"), "");
    expect(list?.revoked.map(({ date }) => date)).toEqual([daysLater(0), daysLater(380)]);
  });

  test("has to be one of this folder's authorities, or nothing is revoked at all", async () => {
    await sandbox.expectRefusal(
      { revoke: [eai(), new X509Certificate(leaf.certificate)] },
      { code: "invalid-certificate", message: expect.stringContaining("CN=eai, O=mllp-safetunnel sandbox") },
    );
  });
});

describe("what was issued to a site", () => {
  const serialsOf = async (site: string) =>
    (await issuedTo(sandbox.folder, site, daysLater(0))).map(({ serialNumber }) => serialNumber).sort();

  test("stays on record when it is rotated away, so that all of it can be revoked", async () => {
    const first = eai().serialNumber;
    await sandbox.run({ sites: ["eai"], force: true });
    await sandbox.run({ sites: ["eai"], force: true });
    const issued = await serialsOf("eai");
    // each with its sibling
    expect(issued).toHaveLength(6);
    expect(issued).toEqual(expect.arrayContaining([first, eai().serialNumber]));
    expect(await serialsOf("dpi")).toHaveLength(2);
  });

  test("is of no interest once it has ended, or its authority is believed no more", async () => {
    expect(await issuedTo(sandbox.folder, "eai", daysLater(400))).toEqual([]);
    await sandbox.run({ forceAuthority: true });
    const sibling = sandbox.certificate("eai/eai.sibling.crt");
    expect(await serialsOf("eai")).toEqual([eai(), sibling].map(({ serialNumber }) => serialNumber).sort());
  });
});

describe("a site that is shut out", () => {
  const serial = () => eai().serialNumber;

  test("stays so while everything is renewed, and when the authority is replaced", async () => {
    const before = serial();
    await sandbox.run({ revoke: [eai()] });
    expect(await sandbox.done({ now: daysLater(380) })).toEqual(["kept", "kept", "renewed"]);
    await replaceAuthority("add", sandbox.options());
    await replaceAuthority("switch", sandbox.options());
    expect(serial()).toBe(before);
    const retire = replaceAuthority("retire", sandbox.options());
    await expect(retire).rejects.toMatchObject({ hint: expect.stringContaining("certs rotate") });
    await sandbox.run({ sites: ["eai"], force: true });
    await replaceAuthority("retire", sandbox.options());
    expect(serial()).not.toBe(before);
  });

  test("is not the one whose serial another authority has revoked", async () => {
    const [foreign] = readCrls(
      listOf(intermediate, { revoked: [{ serial: serialOf(eai()), date: daysLater(0) }] }),
      "",
    );
    expect(foreign && revokes(foreign, eai())).toBe(false);
    const own = listOf(
      { certificate: sandbox.read("authority/ca.crt"), key: sandbox.read("authority/ca.key") },
      { revoked: [{ serial: serialOf(eai()), date: daysLater(0) }] },
    );
    expect(readCrls(own, "").map((one) => revokes(one, eai()))).toEqual([true]);
  });
});

describe("without the authority's key", () => {
  test("what is valid is kept, and nothing can be revoked or renewed", async () => {
    rmSync(sandbox.path("authority/ca.key"));
    expect(await sandbox.done()).toEqual(["kept", "kept", "kept"]);
    const refusal = { code: "authority-incomplete", message: expect.stringContaining("ca.crl without") };
    await sandbox.expectRefusal({ revoke: [eai()] }, refusal);
    // somebody else's list is good while it lasts
    expect(await sandbox.done({ now: daysLater(390), sites: [] })).toEqual(["kept"]);
    await sandbox.expectRefusal({ now: daysLater(398), sites: [] }, refusal);
  });

  test("a list that is missing cannot be made", async () => {
    for (const file of ["ca.key", "ca.crl"]) rmSync(sandbox.path(`authority/${file}`));
    await sandbox.expectRefusal({}, { code: "authority-incomplete", hint: expect.stringContaining("as PEM") });
  });
});

describe("a list that somebody else put there", () => {
  test.each<[string, string]>([
    ["is cut", listOf(ours).slice(0, 200)],
    ["is no list", "a list in DER, say"],
    ["is empty", ""],
  ])("and that %s is not overwritten", async (_what, text) => {
    sandbox.write("authority/ca.crl", text);
    await sandbox.expectRefusal({}, { code: "invalid-certificate", message: expect.stringContaining("ca.crl") });
    await sandbox.run({ forceAuthority: true });
    sandbox.expectSound();
  });

  test("and that is another authority's gives way", async () => {
    sandbox.write("authority/ca.crl", listOf(ours, { revoked: [{ serial: "0A", date: daysLater(0) }] }));
    expect((await sandbox.run()).at(-1)).toMatchObject({ done: "created" });
    expect([revoked(), numberOf()]).toEqual([[], 1]);
  });

  test("and whose signature is of a kind that is not checked goes on", async () => {
    const serial = "0FA0";
    sandbox.write("index.txt", `R\t301231235959Z\t260101000000Z\t${serial}\tunknown\t/CN=x\n`);
    sandbox.write("ca.cnf", "[pss]\ndatabase = index.txt\ndefault_md = sha256\ndefault_crl_days = 3650\n");
    const signer = ["-cert", "authority/ca.crt", "-keyfile", "authority/ca.key", "-sigopt", "rsa_padding_mode:pss"];
    const text = openssl(sandbox.folder, "ca", "-gencrl", "-config", "ca.cnf", "-name", "pss", ...signer);
    sandbox.write("authority/ca.crl", text);
    const options = { now: new Date(), sites: [] };
    expect((await sandbox.run(options)).at(-1)).toMatchObject({ done: "kept" });
    expect(sandbox.read("dpi/ca.crl")).toBe(text);
    await sandbox.run({ ...options, revoke: [eai()] });
    expect(revoked()).toEqual([serial, eai().serialNumber]);
  });
});

test("an EC authority of somebody else's can revoke what it issued, though gen-certs does not issue with it", async () => {
  using foreign = new Sandbox(ecFolder());
  const options = { now: new Date(), sites: ["eai"] };
  expect(await foreign.done(options)).toEqual(["kept", "kept"]);
  expect(readdirSync(foreign.path("eai")).sort()).toEqual(["ca.crl", "ca.crt", "eai.crt", "eai.key"]);
  const certificate = foreign.certificate("eai/eai.crt");
  await foreign.run({ ...options, renewBeforeDays: 0, revoke: [certificate] });
  expect(foreign.revoked("eai/ca.crl")).toEqual([certificate.serialNumber]);
  expect(isIssuedBy(certificate, foreign.certificate("eai/ca.crt"))).toBe(true);
  await foreign.expectRefusal({ ...options, force: true }, { message: expect.stringContaining("no RSA key") });
});

function ecFolder(): Files {
  using scratch = new Sandbox();
  for (const folder of ["authority", "eai"]) mkdirSync(scratch.path(folder));
  ecPair(scratch, "authority/ca", "/CN=Autorité de l'Hôpital");
  ecPair(scratch, "eai/eai", "/CN=eai", "authority/ca");
  return scratch.snapshot();
}
