import { mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { ROOT, type Sandbox, startSandbox } from "../sandbox/index.ts";

/** A sandbox whose EAI can be given a further setting of Stunnel while it runs, in place of the one before. */
interface Adjustable extends AsyncDisposable {
  sandbox: Sandbox;
  adjust(setting: string): Promise<void>;
}

/** Starts a sandbox of a test's own in which EAI reads a copy of its stunnel.conf. */
export async function startAdjustable(): Promise<Adjustable> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), "stunnel-conf-")));
  const conf = join(folder.path, "stunnel.conf");
  const own = await readFile(join(ROOT, "eai/stunnel.conf"), "utf8");
  await writeFile(conf, own);
  const sandbox = stack.use(await startSandbox({ EAI_CONF: conf }, ["test/e2e/wire/eai-conf.yml"]));
  await sandbox.mustCompose("up", "--detach", "--wait");
  const started = stack.move();
  let reloads = 0;
  return {
    sandbox,
    adjust: async (setting) => {
      // among the settings of the process, ahead of those of the services
      await writeFile(
        conf,
        own.replace(/^sslVersionMin = .*$/m, (line) => `${line}\n${setting}`),
      );
      await sandbox.mustCompose("kill", "--signal", "SIGHUP", "eai");
      reloads += 1;
      const told = async () => (await sandbox.logs("eai")).split("SIGHUP: Stunnel reads its configuration")[reloads];
      await vi.waitFor(async () => expect(await told()).toContain("Configuration successful"), { timeout: 20_000 });
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
