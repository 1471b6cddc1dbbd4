import { rmSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
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
