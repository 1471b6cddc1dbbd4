import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { Status } from "../../../src/check/finding.ts";
import type { FindingId } from "../../../src/check/questions.ts";
import { confWith, must, OWN_CONF, ROOT, run, type Sandbox, type SiteName, startSandbox } from "../sandbox/index.ts";
import type { Result } from "../sandbox/run.ts";
import { changed, type Fault } from "./fault.ts";

/** What "check --json" says, as far as a fault is held against it. */
interface Document {
  durationMs: number;
  legs: { to: Told; from?: Told };
  findings: { id: FindingId; status: Status; detail: string }[];
}

interface Told {
  code: string;
  sentence: string;
}

/** What came of a fault. */
export interface Outcome {
  fault: Fault;
  code: number;
  /** All that "check" printed. */
  text: string;
  told: Document;
}

type OfSites<T> = Record<SiteName, T>;
const SITES: SiteName[] = ["eai", "dpi"];

/** Makes Stunnel read its files again, as "certs reload --force" does, without a start of Node. */
const RELOAD = `exec 3<>/dev/tcp/127.0.0.1/9464
printf 'POST /reload?force HTTP/1.0\\r\\n\\r\\n' >&3
answer=$(cat <&3); echo "\${answer##*$'\\n'}"`;

/** Sends a site's own message by its tunnel, and waits for a byte of the acknowledgment, or for the end. */
const knockFrom = (site: SiteName) => `trap '' PIPE
exec 4<>/dev/tcp/127.0.0.1/${site === "eai" ? 21010 : 22010}
{ printf '\\x0b'; tr '\\n' '\\r' < /app/${site}/message.hl7; printf '\\x1c\\r'; } >&4 2>/dev/null
read -r -n 1 -t 5 -u 4; true`;

/** A sandbox in which faults are planted, one at a time. */
export class Bench implements AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly ids: OfSites<string>;
  readonly #scope: AsyncDisposableStack;
  readonly #paths: OfSites<string>;
  readonly #delivered: OfSites<string>;
  readonly #planted: OfSites<string>;

  private constructor(
    scope: AsyncDisposableStack,
    sandbox: Sandbox,
    ids: OfSites<string>,
    paths: OfSites<string>,
    delivered: OfSites<string>,
  ) {
    this.#scope = scope;
    this.sandbox = sandbox;
    this.ids = ids;
    this.#paths = paths;
    this.#delivered = delivered;
    this.#planted = { ...delivered };
  }

  static async start(): Promise<Bench> {
    await using scope = new AsyncDisposableStack();
    const conf = scope.use(await confWith((text) => text));
    const sandbox = scope.use(await startSandbox(conf.environment, [OWN_CONF, "test/e2e/truth/truth.yml"]));
    await sandbox.mustCompose("run", "--rm", "-T", "certs", "gen-certs", "--lab");
    const ofSites = async (of: (site: SiteName) => Promise<string>) => ({ eai: await of("eai"), dpi: await of("dpi") });
    const ids = await ofSites((site) => sandbox.containerId(site));
    const delivered = await ofSites((site) => readFile(join(ROOT, site, "stunnel.conf"), "utf8"));
    const paths = { eai: conf.environment.EAI_CONF, dpi: conf.environment.DPI_CONF };
    const bench = new Bench(scope.move(), sandbox, ids, paths, delivered);
    // the lab's revoked certificates are in the CRL now
    await bench.reload();
    return bench;
  }

  /** Runs a line of shell in a site. */
  inSite(site: SiteName, line: string): Promise<string> {
    return must("docker", ["exec", this.ids[site], "bash", "-c", line]);
  }

  /** Waits until sites run. */
  async isHealthy(...sites: SiteName[]): Promise<void> {
    const checked = (site: SiteName) => async () =>
      (await run("docker", ["exec", this.ids[site], "health-check"])).code;
    for (const site of sites) await expect.poll(checked(site), { timeout: 30_000, interval: 100 }).toBe(0);
  }

  /** Makes both sites read their files again. */
  async reload(): Promise<void> {
    await Promise.all(SITES.map((site) => this.inSite(site, RELOAD)));
  }

  /** Writes a site's configuration as it was delivered, of which its Stunnel does not hear. */
  async putBack(site: SiteName): Promise<void> {
    await writeFile(this.#paths[site], this.#delivered[site]);
  }

  /** Plants a fault, asks what "check" thinks, and undoes what the fault did beside the configurations. */
  async ask(fault: Fault): Promise<Outcome> {
    const [site, peer] = fault.at === "dpi" ? (["dpi", "eai"] as const) : (["eai", "dpi"] as const);
    await this.#plant(site, fault);
    await this.#plant(peer, fault);
    const visit = () => this.inSite(peer, knockFrom(peer));
    if (fault.isVisitedBefore) await visit();
    await using _ = await fault.cause?.(this);
    if (!fault.isVisitedBefore) await visit();
    const { code, stdout, stderr } = await this.#check(fault, site);
    if (stderr !== "") throw new Error(`${fault.name}: ${stderr}`);
    // a Stunnel that was refused may listen nowhere until it has read a good file
    if (fault.isRefused) await this.#plant(site, { name: `mend ${fault.name}` });
    return { fault, code, text: stdout, told: JSON.parse(stdout) as Document };
  }

  async #plant(site: SiteName, fault: Fault): Promise<void> {
    const text = changed(this.#delivered[site], fault[site]);
    if (fault[site] && text === this.#delivered[site]) throw new Error(`${fault.name} changes nothing in ${site}`);
    if (text === this.#planted[site]) return;
    // the very file that is mounted: another one under its name would not be seen
    await writeFile(this.#paths[site], text);
    this.#planted[site] = text;
    const said = await this.inSite(site, RELOAD);
    const isRefused = said.includes('"error"');
    if (isRefused !== (fault.isRefused === true && site === "eai")) throw new Error(`${fault.name}: ${said}`);
  }

  #check({ args = ["--exchange"], at }: Fault, site: SiteName): Promise<Result> {
    const command = ["check", ...args, "--json"];
    if (at === "nobody") return this.sandbox.compose(["run", "--rm", "--no-deps", "-T", "eai", ...command]);
    // it starts Node again and again
    return run("docker", ["exec", "--env", "NODE_COMPILE_CACHE=/data/compiled", this.ids[site], ...command]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.disposeAsync();
  }
}
