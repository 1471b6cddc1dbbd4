import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Shown } from "../../stunnel/show.ts";
import { run, type SiteName, sharedSandbox } from "./sandbox/index.ts";

test.each<[SiteName, number]>([
  ["eai", 32200],
  ["dpi", 32100],
])("in %s, and its own question leaves no refusal in the log", async (site, port) => {
  const sandbox = sharedSandbox();
  const shown = await sandbox.mustExec(site, "certs", "show");
  expect(shown).toMatch(new RegExp(`^/certs/${site}\\.crt\n {2}subject +CN=${site}, O=`, "m"));
  expect(shown).toMatch(new RegExp(`^ {2}chain +${site}, mllp-safetunnel sandbox CA$`, "m"));
  expect(shown).toMatch(/^ {2}usage +digitalSignature, serverAuth, clientAuth$/m);
  expect(shown).toMatch(/^ {2}valid +\d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d, 396 days left$/m);
  expect(shown).toMatch(
    /^\/certs\/ca\.crl\n {2}CRL of +CN=mllp-safetunnel sandbox CA, .*\n {2}number +1\n {2}revoked +none$/m,
  );
  expect(shown).toMatch(
    new RegExp(`^served on 127\\.0\\.0\\.1:${port}\n {2}fingerprint +([0-9A-F]{2}:?){32}, as on disk$`, "m"),
  );
  expect(shown).not.toContain("warning:");
  expect(await sandbox.logs(site)).not.toMatch(/(WARN|ERROR): stunnel:/);
  const asked = /"level":30,.*Service \[\w+_from_\w+\] accepted connection from 127\.0\.0\.1/;
  expect(await sandbox.shell(site, "cat /data/log/stunnel.log")).toMatch(asked);
});

test("on the host, where a folder is not what the port serves", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "certs-show-"));
  await run("npm", ["run", "-s", "gen-certs", "--", "--out", folder.path]);
  const place = `127.0.0.1:${await sharedSandbox().tlsPort("eai")}`;
  const ask = (...args: string[]) => run("npm", ["run", "-s", "certs", "--", "show", "--out", folder.path, ...args]);
  const { code, stdout } = await ask("--connect", `eai=${place}`, "--connect", "dpi=127.0.0.1:1", "--json");
  expect(code).toBe(0);
  const [dpi, eai] = (JSON.parse(stdout) as { shown: Shown[] }).shown;
  expect(eai?.served).toMatchObject({ place, asOnDisk: false });
  expect(eai?.warnings).toEqual([expect.stringContaining(`${place} serves another certificate than`)]);
  expect(dpi?.served).toEqual({ place: "127.0.0.1:1", error: expect.stringContaining("no certificate is shown") });
  expect(dpi?.certificates.map(({ path }) => path)).toEqual([
    join(folder.path, "dpi/dpi.crt"),
    join(folder.path, "dpi/ca.crt"),
  ]);
});

test("the log of a site says at its start how long everything lasts", async () => {
  const told = await sharedSandbox().logs("eai");
  expect(told).toMatch(/INFO: site: \/certs\/eai\.crt: CN=eai, .* ends on \d{4}-\d\d-\d\d, 396 days left/);
  expect(told).toMatch(/INFO: site: \/certs\/ca\.crt: CN=mllp-safetunnel sandbox CA, .* ends on .*, 3652 days left/);
  expect(told).toMatch(/INFO: site: \/certs\/ca\.crl: the CRL of CN=mllp-safetunnel sandbox CA, .*, 396 days left/);
});
