import { expect, test } from "vitest";
import { startLoad, startSandbox } from "./sandbox/index.ts";

/** What may be wrong with the files that somebody has put there, how it is made, and what is said of it. */
const BROKEN: [string, string, RegExp][] = [
  ["the key of another certificate", "cp /pki/dpi/dpi.key /pki/eai/eai.key", /\/certs\/eai\.key is not the key of/],
  [
    "a certificate cut in its middle",
    "truncate -s 600 /pki/eai/eai.crt",
    /cannot read \/certs\/eai\.crt, it is damaged/,
  ],
  ["an empty key", ": > /pki/eai/eai.key", /cannot read \/certs\/eai\.key, it is damaged or no PEM/],
  ["a CRL cut in its middle", "truncate -s 200 /pki/eai/ca.crl", /cannot read \/certs\/ca\.crl, it holds no sound CRL/],
  ["a CRL that has expired", "cp /pki/lab/expired-crl/ca.faulty.crl /pki/eai/ca.crl", /the CRL of .* expired on/],
  [
    "an identity of the lab",
    "for e in crt key; do cp /pki/lab/sibling/eai.faulty.$e /pki/eai/eai.$e; done",
    /marked as faulty \(sibling\)/,
  ],
  ["no CRL at all", "rm /pki/eai/ca.crl", /cannot read \/certs\/ca\.crl, which Stunnel needs: ENOENT/],
  [
    "a key too weak for Stunnel",
    "openssl req -x509 -newkey rsa:1024 -nodes -subj /CN=eai -keyout /pki/eai/eai.key -out /pki/eai/eai.crt 2>&1",
    /ee key too small/,
  ],
];

test("whatever is wrong with it", async () => {
  await using sandbox = await startSandbox();
  const inCerts = (line: string) => sandbox.mustCompose("run", "--rm", "-T", "certs", "bash", "-c", line);
  await inCerts("gen-certs --lab && mkdir -p /pki/lab/kept && cp -p /pki/eai/* /pki/lab/kept");
  expect((await sandbox.exec("eai", ["certs", "reload"])).code).toBe(0);
  const { served } = await sandbox.fingerprints("eai");
  using load = await startLoad(sandbox);

  for (const [what, line, words] of BROKEN) {
    await inCerts(`cp -p /pki/lab/kept/* /pki/eai && ${line}`);
    const { code, stdout, stderr } = await sandbox.exec("eai", ["certs", "reload"]);
    expect([what, code, stdout]).toEqual([what, 1, ""]);
    expect(stderr).toMatch(/^error: not reloaded: .*goes on with what it has.*\nhint: /);
    expect(stderr).toMatch(words);
    const after = await sandbox.send("dpi");
    expect([what, after.code]).toEqual([what, "AA"]);
  }

  // the other way to ask for it is no different
  await inCerts("cp -p /pki/lab/kept/* /pki/eai && cp /pki/dpi/dpi.key /pki/eai/eai.key");
  await sandbox.mustCompose("kill", "--signal", "SIGHUP", "eai");
  const words = /ERROR: site: \/certs\/eai\.key is not the key of \/certs\/eai\.crt: Stunnel goes on with what it has/g;
  const refusals = async () => (await sandbox.logs("eai")).match(words)?.length;
  await expect.poll(refusals, { timeout: 10_000 }).toBe(2);
  await inCerts("cp -p /pki/lab/kept/* /pki/eai");

  expect(await sandbox.fingerprints("eai")).toEqual({ onDisk: served, served });
  expect(await sandbox.inspect("eai", "{{.RestartCount}} {{.State.Running}}")).toBe("0 true");
  await load.flows();
});
