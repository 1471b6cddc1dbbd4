import { X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { canonicalName, isHostName, isSiteName } from "../../stunnel/names.ts";
import { fileIn } from "./command-in-process.ts";
import { commandIn, type Finished } from "./run-command.ts";

const root = mkdtempSync(join(tmpdir(), "gen-certs-command-"));
const out = join(root, "certs");
const file = "stunnel/gen-certs.ts";
const genCerts = fileIn(root, file);

let first: Finished;
let failed: Finished;
let wrong: Finished[];
let help: Finished;

beforeAll(async () => {
  writeFileSync(join(root, "file"), "");
  // as a shell does
  const made = commandIn(root, file)("--out", out, "--host", "GW.example", "--host", "10.0.0.1");
  failed = await genCerts("--out", "file");
  help = await genCerts("--help");
  wrong = [await genCerts("--out", "none", "--renew-before", "397"), await genCerts("--out", "none", "../eai")];
  first = await made;
});
afterAll(() => rmSync(root, { recursive: true }));

test("the first run makes RSA-3072 pairs and prints what it made", () => {
  expect(first).toMatchObject({ code: 0 });
  const rows = first.stdout.trimEnd().split("\n");
  expect(rows[0]).toBe(["path", "subject", "names", "expires", "days left", "done"].join("\t"));
  expect(rows.slice(1).map((row) => row.split("\t").at(-1))).toEqual(["created", "created", "created", "created"]);
  expect(rows[2]).toMatch(
    /eai\.crt\tCN=eai, O=mllp-safetunnel sandbox\teai, localhost, gw.example, 10.0.0.1\t\d{4}-\d\d-\d\d\t396\tcreated$/,
  );
  for (const file of ["authority/ca.crt", "eai/eai.crt", "dpi/dpi.crt"]) {
    const { publicKey } = new X509Certificate(readFileSync(join(out, file)));
    expect(publicKey).toMatchObject({ asymmetricKeyType: "rsa", asymmetricKeyDetails: { modulusLength: 3072 } });
  }
});

test("--json prints one document and nothing else", async () => {
  const { code, stdout, stderr } = await genCerts("eai", "--out", out, "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout).certificates).toMatchObject([
    { path: join(out, "authority/ca.crt"), done: "kept" },
    {
      path: join(out, "eai/eai.crt"),
      names: ["eai", "localhost", "gw.example", "10.0.0.1"],
      done: "kept",
      daysLeft: 396,
    },
    { path: join(out, "authority/ca.crl"), names: [], done: "kept", daysLeft: 396 },
  ]);
});

test("a failure is two lines on standard error and exit code 1", () => {
  const { code, stdout, stderr } = failed;
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^error: cannot write file: .+\nhint: .+\n$/);
});

test("a name that two sites share is pointed out", () => {
  expect(first.stderr).toBe(
    "note: eai and dpi share gw.example, 10.0.0.1: a tunnel that checks this name cannot tell them apart\n",
  );
});

test("wrong usage is two lines and exit code 2, and nothing is made", () => {
  for (const { code, stdout, stderr } of wrong) {
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^error: .+\nhint: .+\n$/);
  }
  expect(existsSync(join(root, "none"))).toBe(false);
});

test("--help shows examples and is no failure", () => {
  expect(help.code).toBe(0);
  expect(help.stdout).toContain("$ gen-certs dpi --host dpi.hospital.example");
});

test.each(["eai", "site-2", "a"])("%s can be a site", (name) => {
  expect(isSiteName(name)).toBe(true);
});

test.each(["", "EAI", "-eai", "eai-", "../eai", "a.b", "authority", "ca", "a".repeat(64)])("%j can not", (name) => {
  expect(isSiteName(name)).toBe(false);
});

test.each(["eai", "eai.hospital.example", "1.example", "10.0.0.1", "2001:db8::1"])("%s can be a host", (name) => {
  expect(isHostName(name)).toBe(true);
});

test.each(["", "*.example", "10.0.0", "10.0.0.256", "fe80::1%eth0", "a..b", "a_b", "a b", "é"])(
  "%j can not",
  (name) => {
    expect(isHostName(name)).toBe(false);
  },
);

test("names are compared in one spelling", () => {
  expect(["GW.Example", "2001:DB8:0:0::1", "10.0.0.1"].map(canonicalName)).toEqual([
    "gw.example",
    "2001:db8::1",
    "10.0.0.1",
  ]);
});
