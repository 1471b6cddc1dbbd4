import { connect } from "node:tls";
import { expect, test } from "vitest";
import { type Sandbox, startSandbox } from "./sandbox/index.ts";

/** Returns the fingerprint of the certificate that EAI shows to whoever connects. */
async function shownByEai(sandbox: Sandbox): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const port = await sandbox.tlsPort("eai");
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, maxVersion: "TLSv1.3" });
  socket.on("secureConnect", () => resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? ""));
  socket.on("error", reject);
  await promise.finally(() => socket.destroy());
  return promise;
}

test("without a cut: new connections see the new certificate, the kept one of the loop lives on", async () => {
  await using sandbox = await startSandbox({ SEND_EVERY: "500ms" });
  const told = () => sandbox.logs("eai");
  await expect.poll(told, { timeout: 10_000 }).toMatch(/acknowledged AA/);
  const before = await shownByEai(sandbox);

  await sandbox.mustCompose("run", "--rm", "-T", "certs", "gen-certs", "--out", "/pki", "--force", "eai");
  // on disk is not yet what is shown
  expect(await shownByEai(sandbox)).toBe(before);
  await sandbox.mustCompose("kill", "--signal", "SIGHUP", "eai");
  const after = async () => (await told()).split("SIGHUP: Stunnel reads its configuration")[1] ?? "";
  await expect.poll(after, { timeout: 10_000 }).toMatch(/Configuration successful[\s\S]*acknowledged AA/);
  expect(await shownByEai(sandbox)).not.toBe(before);
  expect(await after()).not.toMatch(/lost|Service \[mdm_to_dpi\] accepted connection/);
  expect(await sandbox.send("eai")).toMatchObject({ code: "AA" });
  expect(await sandbox.inspect("eai", "{{.RestartCount}} {{.State.Running}}")).toBe("0 true");
});
