import { readFile, writeFile } from "node:fs/promises";
import { confWith, OWN_CONF, type Sandbox, startSandbox } from "../sandbox/index.ts";

/** A sandbox whose EAI can be given a further setting of Stunnel while it runs, in place of the one before. */
interface Adjustable extends AsyncDisposable {
  sandbox: Sandbox;
  adjust(setting: string): Promise<void>;
}

/** Starts a sandbox of a test's own in which EAI reads a copy of its stunnel.conf. */
export async function startAdjustable(): Promise<Adjustable> {
  await using stack = new AsyncDisposableStack();
  const { environment } = stack.use(await confWith((text) => text));
  const own = await readFile(environment.EAI_CONF, "utf8");
  const sandbox = stack.use(await startSandbox(environment, [OWN_CONF]));
  const started = stack.move();
  return {
    sandbox,
    adjust: async (setting) => {
      // among the settings of the process, ahead of those of the services
      const adjusted = own.replace(/^sslVersionMin = .*$/m, (line) => `${line}\n${setting}`);
      await writeFile(environment.EAI_CONF, adjusted);
      await sandbox.mustExec("eai", "certs", "reload", "--expect-change");
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
