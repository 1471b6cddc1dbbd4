import { expect, test } from "vitest";
import { startSandbox } from "./sandbox/index.ts";

test("the living connection as well, which stunnel alone would keep", async () => {
  await using sandbox = await startSandbox({ SEND_EVERY: "200ms" });
  const flows = async (timeout = 10_000) => {
    const acknowledged = async () => (await sandbox.logs("eai")).split("acknowledged AA").length;
    const before = await acknowledged();
    await expect.poll(acknowledged, { timeout }).toBeGreaterThan(before + 3);
  };
  await flows();

  const revoked = await sandbox.mustCompose("run", "--rm", "-T", "certs", "certs", "revoke", "dpi");
  // with its sibling, which is over the same key
  expect(revoked).toMatch(/ca\.crl\t.*\trenewed: 2 more revoked$/m);
  // what a reload alone would do: the list is in use, a new connection is refused, the kept one goes on
  await sandbox.shell("eai", "kill -HUP $(pidof stunnel)");
  await expect
    .poll(async () => (await sandbox.exec("eai", ["send", "--timeout", "5"])).code, { timeout: 10_000 })
    .toBe(1);
  expect(await sandbox.logs("eai")).not.toMatch(/WARN: send: link .* lost/);
  await flows();

  const cut = await sandbox.mustExec("eai", "certs", "reload");
  expect(cut).toMatch(/^reloaded: the new files are in use, every connection was cut, since the CRL takes back more$/m);
  const lost = /WARN: send: link through 127\.0\.0\.1:21010 lost/;
  await expect.poll(() => sandbox.logs("eai"), { timeout: 10_000 }).toMatch(lost);
  await expect
    .poll(() => sandbox.logs("dpi"), { timeout: 10_000 })
    .toMatch(/WARN: send: link through 127\.0\.0\.1:22010 lost/);
  const told = await sandbox.logs("eai");
  expect(told).toMatch(/WARN: stunnel: CERT: Pre-verification error: certificate revoked/);
  expect(told).toMatch(/WARN: stunnel: Rejected by CERT at depth=0: CN=dpi, /);
  // neither site can reach the other: each is shown the revoked certificate, as client or as server
  expect((await sandbox.exec("eai", ["send", "--timeout", "5"])).code).toBe(1);
  expect((await sandbox.exec("dpi", ["send", "--timeout", "5"])).code).toBe(1);

  // "up" alone does not undo a revocation
  await sandbox.mustCompose("run", "--rm", "-T", "certs");
  await sandbox.mustExec("dpi", "certs", "reload");
  expect((await sandbox.exec("dpi", ["send", "--timeout", "5"])).code).toBe(1);
  expect(await sandbox.mustExec("dpi", "certs", "show")).toMatch(/^warning: .*is revoked/m);

  const { code, stderr } = await sandbox.onHost("npm", ["run", "-s", "certs:rotate", "--", "dpi"]);
  expect([code, stderr]).toEqual([0, expect.not.stringContaining("error:")]);
  await expect
    .poll(async () => (await sandbox.exec("dpi", ["send", "--timeout", "5"])).code, { timeout: 10_000 })
    .toBe(0);
  // between its tries EAI's sender has come to pause for up to 20 s
  await flows(40_000);
});
