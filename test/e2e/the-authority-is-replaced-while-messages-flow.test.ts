import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { startLoad, startSandbox } from "./sandbox/index.ts";

test("at no step does an exchange fail, and at the end the old authority is believed no more", async () => {
  await using sandbox = await startSandbox();
  const read = (path: string) => sandbox.mustExec("eai", "cat", path);
  const inCerts = (line: string) => sandbox.mustCompose("run", "--rm", "-T", "certs", "bash", "-c", line);
  const old = new X509Certificate(await read("/certs/ca.crt"));
  await inCerts("cp -p /pki/dpi/* /pki/lab");
  using load = await startLoad(sandbox);
  const connections = await load.connections();

  const { code, stdout, stderr } = await sandbox.onHost("npm", ["run", "-s", "certs:replace-authority"]);
  expect([code, stdout.match(/^reloaded: the new files are in use, connections live on$/gm)?.length], stderr).toEqual([
    0, 6,
  ]);
  await load.flows(100);
  expect(await load.connections()).toEqual(connections);
  expect(await sandbox.send("eai")).toMatchObject({ code: "AA" });
  expect(await sandbox.send("dpi")).toMatchObject({ code: "AA" });

  const believed = await read("/certs/ca.crt");
  expect(believed.match(/BEGIN CERTIFICATE/g)).toHaveLength(1);
  const now = new X509Certificate(believed);
  expect(now.subject).not.toBe(old.subject);
  const own = new X509Certificate(await read("/certs/eai.crt"));
  expect([own.verify(now.publicKey), own.verify(old.publicKey)]).toEqual([true, false]);

  // DPI as it was before, which nothing but the old authority vouches for
  await inCerts("cp -p /pki/lab/dpi.* /pki/dpi");
  expect((await sandbox.exec("dpi", ["certs", "reload"])).code).toBe(0);
  const refused = await sandbox.exec("eai", ["send", "--timeout", "5"]);
  expect(refused.code).toBe(1);
  expect(await sandbox.logs("eai")).toMatch(
    /CERT: Pre-verification error: (unable to get local issuer|self-signed) certificate/,
  );
});
