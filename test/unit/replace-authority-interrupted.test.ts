import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isIssuedBy } from "../../stunnel/inspect.ts";
import { replaceAuthority, type STEPS } from "../../stunnel/replace-authority.ts";
import { beforeEachTest, type Sandbox } from "./gen-certs-sandbox.ts";
import { added, switched } from "./replacement-made.ts";

let sandbox: Sandbox;
const use = (fresh: Sandbox) => {
  sandbox = fresh;
};
const step = (name: (typeof STEPS)[number]) => replaceAuthority(name, sandbox.options());

const inAuthority = (file: string) => sandbox.path(`authority/${file}`);
const copy = (from: string, to: string) => cpSync(inAuthority(from), inAuthority(to));
const remove = (file: string) => rmSync(inAuthority(file));
const filesOf = (name: string) => ["crt", "key", "crl"].filter((end) => existsSync(inAuthority(`${name}.${end}`)));

/** What "switch" does to the files of the authority, one after the other. */
const switching: [string, () => void][] = [
  ["the list was copied to previous.crl", () => copy("ca.crl", "previous.crl")],
  [
    "previous was written",
    () => {
      copy("ca.key", "previous.key");
      copy("ca.crt", "previous.crt");
    },
  ],
  [
    "ca was written",
    () => {
      copy("next.key", "ca.key");
      copy("next.crt", "ca.crt");
    },
  ],
  ["the list was copied to ca.crl", () => copy("next.crl", "ca.crl")],
  ["next.key was removed", () => remove("next.key")],
  ["next.crt was removed", () => remove("next.crt")],
  ["next.crl was removed", () => remove("next.crl")],
];

describe("a switch that was interrupted", () => {
  beforeEachTest(use, added);
  const points = (indices: number[]) => indices.map((index) => [switching[index]?.[0], index] as const);
  const interrupt = (last: number) => {
    for (const [, change] of switching.slice(0, last + 1)) change();
  };

  test.each(points([1, 2, 3, 4, 5]))("after %s is completed by the next", async (_what, last) => {
    const [old, fresh] = [sandbox.read("authority/ca.crt"), sandbox.read("authority/next.crt")];
    const revoked = sandbox.revoked("authority/ca.crl");
    interrupt(last);
    await step("switch");
    expect([sandbox.read("authority/ca.crt"), sandbox.read("authority/previous.crt")]).toEqual([fresh, old]);
    expect(["ca", "next", "previous"].map(filesOf)).toEqual([["crt", "key", "crl"], [], ["crt", "key", "crl"]]);
    expect([revoked.length, sandbox.revoked("authority/previous.crl")]).toEqual([1, revoked]);
    for (const site of ["eai", "dpi"]) {
      const leaf = sandbox.certificate(`${site}/${site}.crt`);
      expect(isIssuedBy(leaf, sandbox.certificate("authority/ca.crt"))).toBe(true);
      expect(sandbox.read(`${site}/ca.crt`)).toBe(fresh + old);
      expect(sandbox.revoked(`${site}/ca.crl`)).toEqual(revoked);
    }
  });

  test.each(points([2, 4]))("after %s lets certificates be made and revoked, and loses none", async (_what, last) => {
    const revoked = sandbox.revoked("authority/ca.crl");
    interrupt(last);
    await sandbox.run();
    const { serialNumber } = sandbox.certificate("eai/eai.crt");
    expect(revoked).not.toContain(serialNumber);
    await sandbox.run({ revoke: [sandbox.certificate("eai/eai.crt")] });
    await step("switch");
    expect(sandbox.revoked("authority/ca.crl")).toEqual([serialNumber]);
    expect(sandbox.revoked("dpi/ca.crl")).toEqual([serialNumber, ...revoked]);
  });

  test("before the leaves were issued cannot be followed by retire", async () => {
    interrupt(6);
    const before = sandbox.snapshot();
    const refusal = { code: "authority-incomplete", hint: expect.stringContaining("certs authority switch") };
    await expect(step("retire")).rejects.toMatchObject(refusal);
    expect(sandbox.snapshot()).toEqual(before);
  });
});

describe("where a successor was added", () => {
  beforeEachTest(use, added);

  test("but no site believes it yet, switch is out of turn, and add completes it", async () => {
    for (const site of ["eai", "dpi"]) for (const end of ["crt", "crl"]) copy(`ca.${end}`, `../${site}/ca.${end}`);
    remove("next.crl");
    const before = sandbox.snapshot();
    const refusal = { code: "authority-incomplete", hint: expect.stringContaining("certs authority add") };
    await expect(step("switch")).rejects.toMatchObject(refusal);
    expect(sandbox.snapshot()).toEqual(before);
    await step("add");
    expect(sandbox.read("eai/ca.crt")).toBe(sandbox.read("authority/ca.crt") + sandbox.read("authority/next.crt"));
    expect(filesOf("next")).toEqual(["crt", "key", "crl"]);
  });

  test("but lost its key, switch changes nothing", async () => {
    remove("next.key");
    const before = sandbox.snapshot();
    const refusal = { code: "authority-incomplete", message: expect.stringContaining("next.key is missing") };
    await expect(step("switch")).rejects.toMatchObject(refusal);
    expect(sandbox.snapshot()).toEqual(before);
  });

  test("the authority's key may be elsewhere", async () => {
    const old = sandbox.read("authority/ca.crt");
    remove("ca.key");
    await step("switch");
    expect(filesOf("previous")).toEqual(["crt", "crl"]);
    expect(sandbox.read("dpi/ca.crt")).toBe(sandbox.read("authority/ca.crt") + old);
    await step("retire");
    sandbox.expectSound();
  });

  test("it is not lost where the authority itself is gone", async () => {
    const fresh = sandbox.read("authority/next.crt");
    for (const end of ["key", "crt", "crl"]) remove(`ca.${end}`);
    await step("switch");
    expect(sandbox.read("authority/ca.crt")).toBe(fresh);
    sandbox.expectSound();
  });
});

describe("a retirement that was interrupted", () => {
  beforeEachTest(use, switched);

  test("leaves no authority that is believed and has no list", async () => {
    remove("previous.crl");
    mkdirSync(inAuthority("previous.crl"));
    await expect(step("retire")).rejects.toMatchObject({ code: "file-unwritable" });
    expect(filesOf("previous")).toEqual(["crl"]);
  });

  test.each([1, 2, 3])("after %i files lets gen-certs run, and is completed by the next", async (count) => {
    for (const end of ["key", "crt", "crl"].slice(0, count)) remove(`previous.${end}`);
    await sandbox.run();
    await step("retire");
    expect(filesOf("previous")).toEqual([]);
    sandbox.expectSound();
  });
});
