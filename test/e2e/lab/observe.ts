import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { expect } from "vitest";
import { run, type Sandbox, type SiteName } from "../sandbox/index.ts";
import { type Case, guiseOf, type Outcome } from "./cases.ts";
import type { Attempt } from "./impostor.ts";

/** What was seen of one case, one site and one role at one version. */
export interface Seen {
  name: string;
  as: "client" | "server";
  site: SiteName;
  version: string;
  outcome: Outcome;
  /** What the sender in front of the leg got: the code of an acknowledgment, or "cut". */
  sender: string;
  /** How many bytes reached the application at the other end. */
  bytes: number;
}

interface Line {
  connection: string;
  msg: string;
}

const SITES = ["eai", "dpi"] as const;
const SERVICES = {
  eai: { client: "mdm_to_dpi", server: "adt_from_dpi" },
  dpi: { client: "adt_to_eai", server: "mdm_from_eai" },
};
/** Why a Stunnel refuses, its most telling words first. */
const REASONS = [
  /CERT: Pre-verification error: (.*)/,
  /CERT: (Subject checks failed)/,
  /SSL_(?:accept|connect): .*:SSL routines::((?!.*alert ).*)/,
];
const ALERT = /SSL routines::(?:ssl\/tls|sslv3|tlsv1|tlsv13) alert ([^:]*)/;
const ENDED = /^Connection [a-z/]+: \d+ byte\(s\) sent to TLS, (\d+) byte\(s\) sent to socket/;
const CUT = /connection to \S+ was (reset|closed)|it was reset/;

/** Both sites of a sandbox with the impostor between them, and all that their Stunnels say. */
export class Lab implements Disposable {
  readonly #control: string;
  readonly #ids: Record<SiteName, string>;
  readonly #lines: Record<SiteName, Line[]> = { eai: [], dpi: [] };
  readonly #followers: Disposable[];

  private constructor(control: string, ids: Record<SiteName, string>) {
    this.#control = control;
    this.#ids = ids;
    this.#followers = SITES.map((site) => this.#follow(site));
  }

  static async in(sandbox: Sandbox): Promise<Lab> {
    const control = await sandbox.placeOf("impostor", 9000);
    const [eai, dpi] = await Promise.all([sandbox.containerId("eai"), sandbox.containerId("dpi")]);
    const lab = new Lab(control, { eai, dpi });
    // what was before the first case has to have come in before it
    for (const site of SITES) {
      const told = (await sandbox.logs(site)).split("\n").filter((line) => line.includes('"part":"stunnel"')).length;
      await expect.poll(() => lab.#lines[site].length, { timeout: 10_000 }).toBeGreaterThanOrEqual(told);
    }
    return lab;
  }

  /** Tries a case in all its roles and versions, at both sites. */
  async try(one: Case): Promise<Seen[]> {
    const seen: Seen[] = [];
    for (const version of one.version ? [one.version] : ["1.2", "1.3"]) seen.push(...(await this.#round(one, version)));
    return seen;
  }

  async #round(one: Case, version: string): Promise<Seen[]> {
    const before = { eai: this.#lines.eai.length, dpi: this.#lines.dpi.length };
    expect(await this.#ask("/begin", guiseOf(one, version))).toEqual({});
    const [, eai, dpi] = await Promise.all([this.#ask("/send"), ...SITES.map((site) => this.#send(one, site))]);
    const attempts = (await this.#ask("/end")) as Record<SiteName, Attempt>;
    const seen: Seen[] = [];
    for (const [site, sender] of [
      ["eai", eai ?? ""],
      ["dpi", dpi ?? ""],
    ] as const) {
      const attempt = attempts[site];
      const about = { name: one.name, site, version };
      // the impostor knocks, and then it sends
      const asClient = await this.#told(site, SERVICES[site].server, before[site], 2);
      const clientBytes = bytesOf(asClient);
      seen.push({
        ...about,
        as: "client",
        outcome: outcomeOf(asClient, attempt.asClient, attempt.sent),
        sender: wordOf(attempt.sent),
        bytes: clientBytes,
      });
      if (one.asServer === undefined) continue;
      const asServer = await this.#told(site, SERVICES[site].client, before[site], 1);
      seen.push({
        ...about,
        as: "server",
        outcome: outcomeOf(asServer, attempt.asServer, sender),
        sender: wordOf(sender),
        bytes: attempt.heardBytes,
      });
    }
    return seen;
  }

  /** Sends from a real site, and returns what its person would see. */
  async #send({ asServer }: Case, site: SiteName): Promise<string> {
    if (asServer === undefined) return "";
    const { code, stdout, stderr } = await run("docker", ["exec", this.#ids[site], "send", "--json", "--timeout", "5"]);
    return code === 0 ? (JSON.parse(stdout) as { code: string }).code : stderr;
  }

  /** Waits until so many connections of a service have ended, and returns what Stunnel said of them. */
  async #told(site: SiteName, service: string, from: number, connections: number): Promise<string[]> {
    const mine = () => {
      const lines = this.#lines[site].slice(from);
      const begun = lines.filter(({ msg }) => msg.startsWith(`Service [${service}] accepted connection`));
      return lines.filter(({ connection }) => begun.some((line) => line.connection === connection));
    };
    await expect.poll(() => mine().filter(({ msg }) => ENDED.test(msg)), { timeout: 10_000 }).toHaveLength(connections);
    return mine().map(({ msg }) => msg);
  }

  async #ask(path: string, body: unknown = {}): Promise<unknown> {
    return await (await fetch(`http://${this.#control}${path}`, { method: "POST", body: JSON.stringify(body) })).json();
  }

  #follow(site: SiteName): Disposable {
    const child = spawn("docker", ["logs", "--follow", this.#ids[site]], { stdio: ["ignore", "pipe", "ignore"] });
    createInterface({ input: child.stdout }).on("line", (text) => {
      const line = JSON.parse(text) as Line & { part: string };
      if (line.part === "stunnel") this.#lines[site].push(line);
    });
    return { [Symbol.dispose]: () => void child.kill() };
  }

  [Symbol.dispose](): void {
    for (const follower of this.#followers) follower[Symbol.dispose]();
  }
}

function outcomeOf(site: string[], peer: string[], sent: string): Outcome {
  const [ofSite, ofPeer] = [reasonIn(site), reasonIn(peer)];
  if (ofSite) return { refusedBy: "site", words: ofSite, reads: alertIn(peer) };
  if (ofPeer) return { refusedBy: "peer", words: ofPeer, reads: alertIn(site) };
  return sent === "AA" ? "accepted" : { refusedBy: "peer", words: "", reads: "" };
}

function reasonIn(lines: string[]): string | undefined {
  return REASONS.flatMap((reason) => lines.map((line) => reason.exec(line)?.[1])).find((words) => words !== undefined);
}

const alertIn = (lines: string[]): string =>
  lines.map((line) => ALERT.exec(line)?.[1]).find((words) => words !== undefined) ?? "";

const bytesOf = (lines: string[]): number => lines.reduce((sum, line) => sum + Number(ENDED.exec(line)?.[1] ?? 0), 0);

const wordOf = (sent: string): string => (/^connection-(reset|closed)$/.test(sent) || CUT.test(sent) ? "cut" : sent);
