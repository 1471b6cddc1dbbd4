import { X509Certificate } from "node:crypto";
import { chmod, mkdtempDisposable, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { must, run, startSandbox, TAG } from "./sandbox/index.ts";

const makeCertificates = (folder: string) => must("npm", ["run", "-s", "gen-certs", "--", "--out", folder]);

/** Gives the sites' files to the containers' user. */
async function giveToContainers(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  // only root may give a file away, which the person who runs this test need not be
  const give = ["--user", "0", "--volume", `${folder}:/folder`, `mllp-safetunnel/eai:${TAG}`, "bash", "-c"];
  await must("docker", ["run", "--rm", ...give, "chown 1000:1000 /folder/eai/* /folder/dpi/*"]);
}

test("EAI_CERTS and DPI_CERTS name folders, and the tunnels show what is in them", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "hospital-"));
  await makeCertificates(folder.path);
  await giveToContainers(folder.path);
  const environment = { EAI_CERTS: join(folder.path, "eai"), DPI_CERTS: join(folder.path, "dpi") };
  await using sandbox = await startSandbox(environment);
  expect(await sandbox.send("eai")).toMatchObject({ code: "AA" });
  expect(await sandbox.send("dpi")).toMatchObject({ code: "AA" });
  const shown = await sandbox.mustExec("eai", "cat", "/certs/eai.crt");
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
  expect(again.stdout.match(/\tkept$/gm)).toHaveLength(4);
});
