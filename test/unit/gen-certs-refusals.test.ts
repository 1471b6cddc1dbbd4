import { existsSync, rmSync, writeFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import type { EnsureOptions } from "../../stunnel/ensure-certificates.ts";
import { beforeEachTest, type Sandbox } from "./gen-certs-sandbox.ts";

let sandbox: Sandbox;
beforeEachTest((fresh) => {
  sandbox = fresh;
});

describe("what is not sound is refused, and nothing is changed", () => {
  test.each([
    ["eai/eai.key", "eai --force", { sites: ["eai"], force: true }],
    ["authority/ca.key", "--force-authority", { forceAuthority: true }],
  ])("a key that does not match, %s, unless it is replaced with %s", async (file, remedy, replacing) => {
    writeFileSync(sandbox.path(file), sandbox.read("dpi/dpi.key"));
    rmSync(sandbox.path("dpi"), { recursive: true });
    const refusal = { code: "key-mismatch", hint: expect.stringContaining(remedy) };
    await sandbox.expectRefusal({}, { ...refusal, message: expect.stringContaining(sandbox.path(file)) });
    await sandbox.run(replacing);
    await sandbox.run();
    sandbox.expectSound();
  });

  test.each(["eai/eai.crt", "eai/eai.key", "authority/ca.crt", "authority/ca.key"])("a truncated %s", async (file) => {
    writeFileSync(sandbox.path(file), sandbox.read(file).slice(0, 300));
    await sandbox.expectRefusal(
      { force: false },
      { code: "invalid-certificate", message: expect.stringContaining(sandbox.path(file)) },
    );
    await sandbox.run({ force: true, forceAuthority: file.startsWith("authority") });
    sandbox.expectSound();
  });

  test("a key that waits for its certificate", async () => {
    rmSync(sandbox.path("eai/eai.crt"));
    await sandbox.expectRefusal(
      {},
      { code: "key-mismatch", message: expect.stringContaining("no certificate beside it") },
    );
  });

  test("a certificate in the authority's place that may not sign", async () => {
    writeFileSync(sandbox.path("authority/ca.crt"), sandbox.read("eai/eai.crt"));
    writeFileSync(sandbox.path("authority/ca.key"), sandbox.read("eai/eai.key"));
    await sandbox.expectRefusal(
      {},
      { code: "invalid-certificate", hint: expect.stringContaining("--force-authority") },
    );
  });

  test("a folder that cannot be written", async () => {
    writeFileSync(sandbox.path("file"), "");
    await sandbox.expectRefusal(
      { folder: sandbox.path("file") },
      { code: "file-unwritable", message: expect.stringContaining("file") },
    );
  });
});

describe("where a site has its certificate, and the authority is elsewhere, no other one is made", () => {
  beforeEach(() => rmSync(sandbox.path("authority"), { recursive: true }));

  test.each<[string, Partial<EnsureOptions>]>([
    ["what is missing", {}],
    ["a new pair", { sites: ["dpi"], force: true }],
    ["a pair for a further site", { sites: ["ris"] }],
    ["a further name", { hosts: ["gw.example"] }],
  ])("for %s", async (_what, options) => {
    // in what order a folder is read is its own matter
    rmSync(sandbox.path("eai"), { recursive: true });
    await sandbox.expectRefusal(options, {
      code: "authority-incomplete",
      message: `cannot issue or revoke certificates: ${sandbox.path("dpi/dpi.crt")} has an authority, and no authority is in ${sandbox.path("authority")}`,
      hint: expect.stringMatching(/^run it where its ca\.key is; .*"gen-certs --force-authority"/),
    });
    expect(existsSync(sandbox.path("authority"))).toBe(false);
  });

  test("unless the authority and every pair are to be replaced", async () => {
    expect(await sandbox.done({ forceAuthority: true })).toEqual(["created", "replaced", "replaced"]);
    sandbox.expectSound();
  });

  test("and where no site has a certificate, everything is", async () => {
    for (const site of ["eai", "dpi"]) for (const end of ["crt", "key"]) rmSync(sandbox.path(`${site}/${site}.${end}`));
    expect(await sandbox.done()).toEqual(["created", "created", "created"]);
    sandbox.expectSound();
  });
});
