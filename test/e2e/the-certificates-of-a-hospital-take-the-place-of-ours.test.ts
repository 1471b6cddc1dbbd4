import { X509Certificate } from "node:crypto";
import { chmod, chown, mkdtempDisposable, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { must, run, startSandbox } from "./sandbox/index.ts";

const CONTAINER_USER = 1000;

/** Makes certificates on the host, as "npm run gen-certs" does, and gives them to the containers' user. */
async function makeCertificates(folder: string): Promise<void> {
  await must("npm", ["run", "-s", "gen-certs", "--", "--out", folder]);
  await chmod(folder, 0o755);
  for (const site of ["eai", "dpi"])
    for (const file of await readdir(join(folder, site)))
      if (process.getuid?.() === 0) await chown(join(folder, site, file), CONTAINER_USER, CONTAINER_USER);
}

test("EAI_CERTS and DPI_CERTS name folders, and the tunnels show what is in them", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "hospital-"));
  await makeCertificates(folder.path);
  const environment = { EAI_CERTS: join(folder.path, "eai"), DPI_CERTS: join(folder.path, "dpi") };
  await using sandbox = await startSandbox(environment);
  expect(await sandbox.send("eai")).toMatchObject({ code: "AA" });
  expect(await sandbox.send("dpi")).toMatchObject({ code: "AA" });
  const shown = await sandbox.mustCompose("exec", "-T", "eai", "cat", "/certs/eai.crt");
  const own = new X509Certificate(await readFile(join(folder.path, "eai", "eai.crt")));
  expect(new X509Certificate(shown).fingerprint256).toBe(own.fingerprint256);

  // without the key the site does not pretend: it ends, and says what is missing
  await rm(join(folder.path, "eai", "eai.key"));
  await sandbox.compose(["restart", "eai"]);
  const words = /FATAL: site: cannot read \/certs\/eai\.key, which Stunnel needs: .* \(hint: .*\): this site ends/;
  await expect.poll(() => sandbox.logs("eai"), { timeout: 20_000 }).toMatch(words);
  await expect.poll(() => sandbox.inspect("eai", "{{.RestartCount}}"), { timeout: 20_000 }).not.toBe("0");
  expect((await sandbox.exec("dpi", ["send", "--timeout", "5"])).code).toBe(1);
});

test("gen-certs on the host keeps what it finds", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "hospital-"));
  await makeCertificates(folder.path);
  const again = await run("npm", ["run", "-s", "gen-certs", "--", "--out", folder.path]);
  expect(again.stdout.match(/\tkept$/gm)).toHaveLength(3);
});
