import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fileIn } from "./command-in-process.ts";
import { type Files, Sandbox } from "./gen-certs-sandbox.ts";
import { commandIn, type Finished } from "./run-command.ts";
import { ecPair, listOf } from "./trust-kit.ts";

const sandbox = new Sandbox();
const file = "stunnel/certs.ts";
const certs = fileIn(sandbox.folder, file);
const finished: Record<string, Finished> = {};
let place: string;
let carried: Files;

/** What has to sign, and finds a site's pair and ca.crt that were carried elsewhere, without the authority. */
const SIGNING = [
  ["rotate", "dpi"],
  ["rotate"],
  ["revoke", "dpi"],
  ["authority", "add"],
  ["authority", "switch"],
  ["authority", "retire"],
];

/** A folder of EC pairs, whose keys are long enough for a TLS server of today, and two that certs may change. */
async function makeFolders(): Promise<void> {
  for (const folder of ["shown/authority", "shown/eai", "shown/dpi", "shown/ris"])
    mkdirSync(sandbox.path(folder), { recursive: true });
  const authority = ecPair(sandbox, "shown/authority/ca", "/CN=Autorité de l'Hôpital");
  for (const site of ["eai", "dpi"]) {
    ecPair(sandbox, `shown/${site}/${site}`, `/CN=${site}`, "shown/authority/ca");
    sandbox.write(`shown/${site}/ca.crt`, authority.certificate);
    sandbox.write(`shown/${site}/ca.crl`, listOf(authority, { number: 7 }));
  }
  sandbox.write("shown/ris/ris.crt", "damaged");
  await sandbox.run({ folder: sandbox.path("revoking"), now: new Date() });
  cpSync(sandbox.path("revoking"), sandbox.path("rotating"), { recursive: true });
  cpSync(sandbox.path("revoking/dpi"), sandbox.path("carried/dpi"), { recursive: true });
  carried = sandbox.snapshot();
}

beforeAll(async () => {
  await makeFolders();
  const server = createServer({ cert: sandbox.read("shown/eai/eai.crt"), key: sandbox.read("shown/eai/eai.key") });
  await once(server.listen(0, "127.0.0.1"), "listening");
  place = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  await using _ = server;
  const connect = ["eai", "dpi", "ris"].flatMap((site) => ["--connect", `${site}=${place}`]);
  const asked: [string, string[]][] = [
    ["json", ["show", "--out", "shown", "--json", ...connect]],
    ["text", ["show", "--out", "shown", ...connect]],
    ["misspelt", ["show", "--connect", "eai=here"]],
    ["outside", ["reload"]],
    ["revoked", ["revoke", "eai", "revoking/dpi/dpi.crt", "--out", "revoking", "--json"]],
    ["unknown", ["rotate", "epi", "--out", "revoking"]],
    ["rotated", ["rotate", "dpi", "--out", "rotating"]],
    ...SIGNING.map((given): [string, string[]] => [given.join(" "), [...given, "--out", "carried"]]),
  ];
  // one of them as a shell does
  const none = commandIn(sandbox.folder, file)("show", "--out", "none");
  for (const [name, given] of asked) finished[name] = await certs(...given);
  finished.none = await none;
});
afterAll(() => sandbox[Symbol.dispose]());

const fingerprint = (file: string) => new X509Certificate(sandbox.read(file)).fingerprint256;

test("show --json is one document: every certificate and list, and what is served", () => {
  const { code, stdout, stderr } = finished.json ?? {};
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const shown: { title: string }[] = JSON.parse(stdout ?? "").shown;
  const [dpi, eai, ris] = ["dpi", "eai", "ris"].map((site) => shown.find(({ title }) => title === `${site}, in shown`));
  const served = { place, fingerprint256: fingerprint("shown/eai/eai.crt") };
  expect(eai).toMatchObject({
    certificates: [
      {
        path: "shown/eai/eai.crt",
        subject: "CN=eai",
        issuer: "CN=Autorité de l'Hôpital",
        fingerprint256: served.fingerprint256,
      },
      { path: "shown/eai/ca.crt", subject: "CN=Autorité de l'Hôpital" },
    ],
    crls: [{ path: "shown/eai/ca.crl", issuer: "CN=Autorité de l'Hôpital", number: 7, daysLeft: 396, revoked: [] }],
    served: { ...served, asOnDisk: true },
    warnings: [],
  });
  expect(dpi).toMatchObject({
    served: { ...served, asOnDisk: false },
    warnings: [expect.stringMatching(/^.+ serves another certificate than shown\/dpi\/dpi.crt holds: renewed and not/)],
  });
  const warnings = [expect.stringMatching(/^cannot read shown\/ris\/ris.key/)];
  expect(ris).toEqual({ title: "ris, in shown", certificates: [], crls: [], served, warnings });
});

test("show is the same for a reader", () => {
  const { code, stdout = "", stderr } = finished.text ?? {};
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const paragraphs = stdout.trimEnd().split("\n\n");
  const eai = paragraphs.find((text) => text.startsWith("eai, in shown\n"));
  const served = fingerprint("shown/eai/eai.crt");
  const lines = [
    "shown/eai/eai.crt",
    "  subject      CN=eai",
    "  issuer       CN=Autorité de l'Hôpital",
    "  chain        eai, Autorité de l'Hôpital",
    "  key          EC prime256v1, signed with ecdsa-with-SHA256",
    "shown/eai/ca.crl",
    "  CRL of       CN=Autorité de l'Hôpital",
    "  number       7",
    "  revoked      none",
    `served on ${place}`,
    `  fingerprint  ${served}, as on disk`,
  ];
  expect(eai?.split("\n")).toEqual(expect.arrayContaining(lines));
  expect(eai).toMatch(/\n {2}valid {8}\d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d, 89 days left\n/);
  const dpi = paragraphs.find((text) => text.startsWith("dpi, in shown\n"));
  expect([paragraphs.length, dpi]).toEqual([3, expect.stringContaining(`  fingerprint  ${served}\nwarning: ${place}`)]);
});

test("what is revoked is told, and that the sites do not know it yet", () => {
  const { code, stdout, stderr } = finished.revoked ?? {};
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: 'note: the sites go on with the old files until each has run "certs reload"\n',
  });
  expect(JSON.parse(stdout ?? "").certificates.at(-1)).toMatchObject({ done: "renewed", reason: "4 more revoked" });
  // the sibling goes with the site, and with the file that is over the same key
  const files = ["eai", "dpi"].flatMap((site) => [
    `revoking/${site}/${site}.crt`,
    `revoking/${site}/${site}.sibling.crt`,
  ]);
  const serials = files.map((file) => sandbox.certificate(file).serialNumber);
  expect(sandbox.revoked("revoking/eai/ca.crl").sort()).toEqual(serials.sort());
});

test("a rotation prints what it made", () => {
  const { code, stdout = "" } = finished.rotated ?? {};
  expect(code).toBe(0);
  const rows = stdout.trimEnd().split("\n");
  expect(rows.map((row) => row.split("\t").at(-1))).toEqual(["done", "kept", "replaced: --force", "kept"]);
  const replaced = ["eai", "dpi"].map((site) => fingerprint(`rotating/${site}/${site}.crt`));
  const before = ["eai", "dpi"].map((site) => fingerprint(`revoking/${site}/${site}.crt`));
  expect([replaced[0] === before[0], replaced[1] === before[1]]).toEqual([true, false]);
});

test.each([
  ["none", 1, /^error: no site has a certificate in none\nhint: name the folder with --out, .+\n$/],
  [
    "unknown",
    1,
    /^error: no site epi has a certificate in revoking\nhint: the folder has (?:dpi, eai|eai, dpi); .+\n$/,
  ],
  ["outside", 1, /^error: the site does not answer on port 9464: .+\nhint: .+\n$/],
  ["misspelt", 2, /^error: .+ it takes a site and a place, as eai=127.0.0.1:32200\nhint: .+\n$/],
])("%s: an error is two lines and exit code %i", (name, code, stderr) => {
  expect(finished[name]).toEqual({ code, stdout: "", stderr: expect.stringMatching(stderr) });
  for (const folder of ["none", "revoking/epi"]) expect(existsSync(sandbox.path(folder))).toBe(false);
});

test.each(SIGNING.map((given) => given.join(" ")))("%s without the authority is refused", (name) => {
  const stderr =
    /^error: cannot issue .+: carried\/dpi\/dpi\.crt .+ carried\/authority\nhint: run it where .+ca\.key.+\n$/;
  expect(finished[name]).toEqual({ code: 1, stdout: "", stderr: expect.stringMatching(stderr) });
});

test("and every file that was carried is as it was, and none beside it", () => {
  const files = (folder: string) =>
    Object.entries(sandbox.snapshot()).filter(([file]) => file.startsWith(`${folder}/`));
  expect(files("carried").map(([file]) => file)).toHaveLength(6);
  for (const [file, text] of files("carried")) expect(text, file).toBe(carried[file]);
});
