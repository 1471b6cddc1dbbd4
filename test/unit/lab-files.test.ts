import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import type { EnsureOptions } from "../../stunnel/ensure-certificates.ts";
import { makeLab } from "../../stunnel/lab-files.ts";
import { beforeEachTest, daysLater, type Sandbox } from "./gen-certs-sandbox.ts";
import { lab as files } from "./lab-made.ts";

let sandbox: Sandbox;
beforeEachTest((fresh) => {
  sandbox = fresh;
}, files);

/** What became of the identities, which is the same for all of them. */
async function lab(options: Partial<EnsureOptions> = {}): Promise<string[]> {
  const outcomes = await makeLab(sandbox.options({ sites: ["eai"], ...options }));
  return [...new Set(outcomes.map(({ done }) => done))];
}

const revoked = () => sandbox.revoked("authority/ca.crl");

test("a second run keeps them to the byte, and so does a run without them", async () => {
  const before = sandbox.snapshot();
  expect(await lab({ sites: ["eai", "dpi"] })).toEqual(["kept"]);
  await sandbox.run();
  expect(sandbox.snapshot()).toEqual(before);
});

test("on force those of the named sites are made again, and the list takes the new one back as well", async () => {
  const before = sandbox.snapshot();
  const taken = revoked();
  expect(await lab({ force: true })).toEqual(["created"]);
  for (const [file, text] of Object.entries(sandbox.snapshot()))
    if (/^lab.*(?:crt|key)$/.test(file)) expect([file, text === before[file]]).toEqual([file, file.includes("dpi")]);
  expect(revoked()).toEqual([...taken, sandbox.certificate("lab/revoked/eai.faulty.crt").serialNumber]);
});

test.each<[string, () => unknown, Partial<EnsureOptions>]>([
  ["another authority was made", () => sandbox.run({ forceAuthority: true }), {}],
  ["one has less than a day left", () => {}, { now: daysLater(6.5) }],
  ["the one that is not yet valid would be", () => {}, { now: daysLater(366), renewBeforeDays: 0 }],
  ["a file is damaged", () => sandbox.write("lab/expired/eai.faulty.crt", "damaged"), {}],
  ["a key is missing", () => rmSync(sandbox.path("lab/expired/eai.faulty.key")), {}],
  ["the expired list is missing", () => rmSync(sandbox.path("lab/expired-crl/ca.faulty.crl")), {}],
  ["the revoked one is in no list any more", () => rmSync(sandbox.path("authority/ca.crl")), {}],
])("they are made again when %s", async (_what, change, options) => {
  await change();
  const newKey = () => Promise.reject(new Error("made again"));
  await expect(lab({ newKey, ...options })).rejects.toThrow("made again");
});

test("without the authority's key they cannot be made, and nothing is", async () => {
  rmSync(sandbox.path("authority/ca.key"));
  const before = sandbox.snapshot();
  await expect(lab({ force: true })).rejects.toMatchObject({ code: "authority-incomplete" });
  expect(sandbox.snapshot()).toEqual(before);
});
