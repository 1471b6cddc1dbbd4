import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { StoreSync } from "../../src/store/open-database.ts";
import { confWith, OWN_CONF, type Sandbox, type SiteName, startSandbox } from "../e2e/sandbox/index.ts";
import type { Reading } from "./in-site/reader.ts";

export const SITES: SiteName[] = ["eai", "dpi"];
export const IN_SITE = "/app/test/bench/in-site";

/** Two sites as they are delivered, with a second pair of tunnels in the same Stunnels for bytes that nobody stores. */
export interface Sites extends AsyncDisposable {
  sandbox: Sandbox;
  /** Asks a site what its processes have used, and what it has stored. */
  read(site: SiteName): Promise<Reading>;
}

/** Starts two sites with the messages of the bench in them. */
export async function startSites(
  storeSync: StoreSync,
  messagesPath: string,
  journalKeep: number,
  watch: "on" | "off" = "on",
): Promise<Sites> {
  await using stack = new AsyncDisposableStack();
  const conf = stack.use(await confWith(withEchoServices));
  const environment = {
    ...conf.environment,
    STORE_SYNC: storeSync,
    BENCH_WATCH: watch,
    BENCH_MESSAGES: messagesPath,
    BENCH_KEEP: String(journalKeep),
  };
  const sandbox = stack.use(await startSandbox(environment, [OWN_CONF, "test/bench/bench.yml"]));
  const readers = new Map(
    await Promise.all(
      SITES.map(async (site) => {
        stack.use(await inSite(sandbox, site, "echo.ts", "serve", String(ECHO[site].answersOn)));
        return [site, stack.use(await inSite(sandbox, site, "reader.ts"))] as const;
      }),
    ),
  );
  const read = async (site: SiteName) => JSON.parse((await readers.get(site)?.ask()) ?? "") as Reading;
  const owned = stack.move();
  return { sandbox, read, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Where the bare bytes go in at a site, and where they come out. */
export const ECHO = {
  eai: { asksOn: 21011, answersOn: 22011 },
  dpi: { asksOn: 22011, answersOn: 21011 },
} as const;

/** Returns the line that runs the asking end of the echo. */
export const askEcho = (...numbers: number[]) => ["node", `${IN_SITE}/echo.ts`, "ask", ...numbers.map(String)];

/** Each service once more, with ports of its own, and everything else as it is. */
function withEchoServices(conf: string): string {
  const services = conf.slice(conf.indexOf("\n["));
  const next = services
    .replace(/\[(\w+)\]/g, "[echo_$1]")
    .replace(/:(2[12]010|32[12]00)\b/g, (_, port) => `:${Number(port) + 1}`);
  return `${conf}\n${next}`;
}

/** A script that runs in a site for as long as the scope lasts, and answers a line with a line. */
export async function inSite(sandbox: Sandbox, site: SiteName, script: string, ...args: string[]) {
  const command = ["exec", "--interactive", `${sandbox.project}-${site}-1`, "node", `${IN_SITE}/${script}`, ...args];
  const child = spawn("docker", command, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  if (args.length > 0) await once(lines, "line");
  return {
    async ask(): Promise<string> {
      const next = once(lines, "line");
      child.stdin.write("\n");
      return (await next)[0] as string;
    },
    [Symbol.dispose]: () => void child.kill(),
  };
}
