import { mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./run.ts";
import type { SiteName } from "./sandbox.ts";

/** The composition file that lets a sandbox run on configurations of the test's own. */
export const OWN_CONF = "test/e2e/sandbox/own-conf.yml";

/** Writes both sites' stunnel.conf with a change, and returns the environment that OWN_CONF asks for. */
export async function confWith(change: (text: string, site: SiteName) => string) {
  const folder = await mkdtempDisposable(join(tmpdir(), "safetunnel-conf-"));
  const write = async (site: SiteName) => {
    const path = join(folder.path, `${site}.conf`);
    const text = await readFile(join(ROOT, site, "stunnel.conf"), "utf8");
    await writeFile(path, change(text, site));
    return path;
  };
  const [eai, dpi] = await Promise.all([write("eai"), write("dpi")]);
  return Object.assign(folder, { environment: { EAI_CONF: eai, DPI_CONF: dpi } });
}
