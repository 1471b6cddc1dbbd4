import { existsSync, rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isSignedBy, readCrls } from "../../stunnel/crl.ts";
import { commonNameOf, isIssuedBy, readCertificates } from "../../stunnel/inspect.ts";
import { replaceAuthority, type STEPS } from "../../stunnel/replace-authority.ts";
import { type Files, made, Sandbox } from "./gen-certs-sandbox.ts";
import { added, retired, revoked, switched } from "./replacement-made.ts";

type Step = (typeof STEPS)[number];

const moments = { revoked, added, switched, retired };
type Moment = keyof typeof moments;

const step = (name: Step, sandbox: Sandbox) => replaceAuthority(name, sandbox.options());
const textOf = (files: Files, file: string) => files[file] ?? "";
const certificatesIn = (files: Files, file: string) => readCertificates(textOf(files, file), file, "");
const listsIn = (files: Files, file: string) => readCrls(textOf(files, file), file);

/** Whether a site with the files of one moment accepts what the other shows with those of another moment. */
function believes(believer: Files, shower: Files): boolean {
  return ["eai", "dpi"].every((own, index, sites) => {
    const other = sites.at(index - 1);
    const [leaf] = certificatesIn(shower, `${other}/${other}.crt`);
    const issuers = certificatesIn(believer, `${own}/ca.crt`).filter((authority) => isIssuedBy(leaf, authority));
    return issuers.some((issuer) => listsIn(believer, `${own}/ca.crl`).some((crl) => isSignedBy(crl, issuer)));
  });
}

test("in whatever order the sites reload after a step, each accepts the other", () => {
  const all = Object.values(moments);
  // a row is who believes, a column who shows; two steps apart they need not
  expect(all.map((believer) => all.map((shower) => believes(believer, shower)))).toEqual([
    [true, true, false, false],
    [true, true, true, true],
    [true, true, true, true],
    [false, false, true, true],
  ]);
});

const [first, second] = ["mllp-safetunnel sandbox CA", "mllp-safetunnel sandbox CA 2"];

describe("each step", () => {
  test.each<[Moment, string[]]>([
    ["added", [first, second]],
    ["switched", [second, first]],
    ["retired", [second]],
  ])("%s: the sites believe %j, each with its list", (moment, names) => {
    for (const site of ["eai", "dpi"]) {
      expect(certificatesIn(moments[moment], `${site}/ca.crt`).map(commonNameOf)).toEqual(names);
      const issuers = listsIn(moments[moment], `${site}/ca.crl`).map(({ issuer }) => issuer);
      expect(issuers).toEqual(names.map((name) => `CN=${name}, O=mllp-safetunnel sandbox`));
    }
  });

  test.each<[Moment, Step]>([
    ["added", "add"],
    ["switched", "switch"],
    ["retired", "retire"],
  ])("%s: the same again changes nothing, and gen-certs keeps everything", async (moment, name) => {
    using sandbox = new Sandbox(moments[moment]);
    await step(name, sandbox);
    expect(await sandbox.done()).toEqual(["kept", "kept", "kept"]);
    expect(sandbox.snapshot()).toEqual(moments[moment]);
  });

  test.each<[Moment, Step, string]>([
    ["revoked", "switch", "no authority to switch to"],
    ["added", "retire", "is still the old authority's"],
    ["switched", "add", "the previous authority is still believed"],
    ["retired", "switch", "no authority to switch to"],
  ])("%s: %s is out of turn and changes nothing", async (moment, name, message) => {
    using sandbox = new Sandbox(moments[moment]);
    const refusal = { code: "authority-incomplete", message: expect.stringContaining(message) };
    await expect(step(name, sandbox)).rejects.toMatchObject(refusal);
    expect(sandbox.snapshot()).toEqual(moments[moment]);
  });
});

test("where there is no authority, none is added beside it", async () => {
  using sandbox = new Sandbox({ "authority/.lock": "" });
  await expect(step("add", sandbox)).rejects.toMatchObject({ hint: expect.stringContaining("gen-certs") });
  expect(sandbox.snapshot()).toEqual({ "authority/.lock": "" });
});

test.each<[Moment, Step]>([
  ["added", "add"],
  ["switched", "retire"],
])("%s: %s without the authority that issued the sites' makes none, and lets none go", async (moment, name) => {
  using sandbox = new Sandbox(moments[moment]);
  for (const end of ["crt", "key", "crl"]) rmSync(sandbox.path(`authority/ca.${end}`));
  const before = sandbox.snapshot();
  await expect(step(name, sandbox)).rejects.toMatchObject({ code: "authority-incomplete" });
  expect(sandbox.snapshot()).toEqual(before);
});

test("the next replacement has a name of its own as well", async () => {
  using sandbox = new Sandbox(retired);
  sandbox.expectSound();
  await step("add", sandbox);
  expect(certificatesIn(sandbox.snapshot(), "eai/ca.crt").map(commonNameOf)).toEqual([second, `${first} 3`]);
});

test("what an authority took back stays so until it is retired, and each takes back its own", async () => {
  const serial = (files: Files) => certificatesIn(files, "eai/eai.crt")[0].serialNumber;
  const [old, renewed] = [serial(made), serial(switched)];
  using sandbox = new Sandbox(switched);
  expect([sandbox.revoked("authority/ca.crl"), sandbox.revoked("authority/previous.crl")]).toEqual([[], [old]]);
  expect(sandbox.revoked("dpi/ca.crl")).toEqual([old]);
  await sandbox.run({ revoke: certificatesIn(added, "dpi/dpi.crt") });
  await sandbox.run({ revoke: certificatesIn(switched, "eai/eai.crt") });
  expect(sandbox.revoked("authority/ca.crl")).toEqual([renewed]);
  expect(sandbox.revoked("authority/previous.crl")).toEqual([
    old,
    certificatesIn(added, "dpi/dpi.crt")[0].serialNumber,
  ]);
  await step("retire", sandbox);
  expect(sandbox.revoked("dpi/ca.crl")).toEqual([renewed]);
});

test.each<Moment>(["added", "switched"])("%s: --force-authority leaves nothing of the replacement", async (moment) => {
  using sandbox = new Sandbox(moments[moment]);
  await sandbox.run({ forceAuthority: true });
  for (const name of ["next", "previous"])
    for (const end of ["crt", "key", "crl"]) expect(existsSync(sandbox.path(`authority/${name}.${end}`))).toBe(false);
  sandbox.expectSound();
});
