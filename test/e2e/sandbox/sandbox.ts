import { randomUUID } from "node:crypto";
import { DockerComposeEnvironment, Wait } from "testcontainers";
import type { Shown } from "../../../stunnel/show.ts";
import { must, type Result, ROOT, type RunOptions, run, TAG } from "./run.ts";

export type SiteName = "eai" | "dpi";

/** What "listen --json" says of a message. */
interface ReceivedMessage {
  acknowledgment: string[];
  id: number;
  type: string;
  controlId: string;
  code: string;
  sizeBytes: number;
  repeats: number;
  payloadBase64: string;
}

/** What "send --json" says of an exchange. */
interface SentMessage {
  event: string;
  type: string;
  controlId: string;
  code: string;
  sizeBytes: number;
}

/** A sandbox as its user meets it: through "docker compose". */
export class Sandbox {
  readonly project: string;
  readonly #files: string[];
  readonly #environment: Record<string, string>;

  constructor(project: string, environment: Record<string, string> = {}, files: string[] = ["docker-compose.yml"]) {
    this.project = project;
    this.#environment = { ...environment, COMPOSE_PROJECT_NAME: project };
    this.#files = files;
  }

  /** Returns the same sandbox under another set of composition files. */
  withFiles(files: string[]): Sandbox {
    return new Sandbox(this.project, this.#environment, files);
  }

  compose(args: string[], options: RunOptions = {}): Promise<Result> {
    return run("docker", this.#inComposition(args), { ...options, env: { ...this.#environment, ...options.env } });
  }

  mustCompose(...args: string[]): Promise<string> {
    return must("docker", this.#inComposition(args), { env: this.#environment });
  }

  #inComposition(args: string[]): string[] {
    return ["compose", ...this.#files.flatMap((file) => ["-f", file]), ...args];
  }

  /** Runs a program of the host that means this sandbox, as its user would in the project's folder. */
  onHost(program: string, args: string[]): Promise<Result> {
    return run(program, args, { env: this.#environment });
  }

  /** Runs a command in a site as "docker compose exec" does, in a third of its time. */
  exec(site: SiteName, command: string[], options?: RunOptions): Promise<Result> {
    return run("docker", this.#inSite(site, command), options);
  }

  /** Runs a line of shell in a site. */
  async shell(site: SiteName, line: string): Promise<string> {
    return this.mustExec(site, "bash", "-c", line);
  }

  /** Runs a command in a site that has to succeed. */
  mustExec(site: SiteName, ...command: string[]): Promise<string> {
    return must("docker", this.#inSite(site, command));
  }

  #inSite(site: SiteName, command: string[]): string[] {
    return ["exec", "--interactive", this.#container(site), ...command];
  }

  /** Sends messages and returns what was acknowledged; a failure is an error. */
  async send(site: SiteName, ...args: string[]): Promise<SentMessage> {
    return JSON.parse(await this.mustExec(site, "send", "--json", ...args)) as SentMessage;
  }

  /** Returns the last messages that a site received, the newest last. */
  async received(site: SiteName, last = 50): Promise<ReceivedMessage[]> {
    const lines = await this.mustExec(site, "listen", "--no-follow", "--json", "--last", String(last));
    return lines
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as ReceivedMessage);
  }

  /** Returns what a service has told. */
  async logs(service: SiteName | "certs"): Promise<string> {
    const { stdout, stderr } = await run("docker", ["logs", this.#container(service)]);
    return stdout + stderr;
  }

  /** Returns the fingerprints of a site's certificate, on disk and as its Stunnel serves it at the moment. */
  async fingerprints(site: SiteName): Promise<{ onDisk: string | undefined; served: string | undefined }> {
    const told = await this.mustExec(site, "certs", "show", "--json");
    const [shown] = (JSON.parse(told) as { shown: Shown[] }).shown;
    return { onDisk: shown?.certificates[0]?.fingerprint256, served: shown?.served?.fingerprint256 };
  }

  /** Returns the port of the host behind which a site takes TLS. */
  async tlsPort(site: SiteName): Promise<number> {
    const place = await this.placeOf(site, site === "eai" ? 32200 : 32100);
    return Number(place.split(":").at(-1));
  }

  /** Returns where the host publishes a port of a service, as address:port. */
  async placeOf(service: string, port: number): Promise<string> {
    return (await must("docker", ["port", this.#container(service), String(port)])).trim();
  }

  containerId(site: SiteName): Promise<string> {
    return this.inspect(site, "{{.Id}}");
  }

  /** Reads a fact of a service's container with docker's own template language. */
  async inspect(service: SiteName | "certs", template: string): Promise<string> {
    return (await must("docker", ["inspect", "--format", template, this.#container(service)])).trim();
  }

  #container(service: string): string {
    return `${this.project}-${service}-1`;
  }
}

/** Returns the composition files that put an impostor between the sites, one that does what a file of its own says. */
export const impostorOf = (folder: "lab" | "protocol"): string[] => [
  "test/e2e/sandbox/impostor.yml",
  `test/e2e/${folder}/impostor.yml`,
];

/** A sandbox that a test started and that goes when its scope ends. */
type OwnSandbox = Sandbox & AsyncDisposable;

/** DPI's Stunnel with nothing behind it. */
export const DPI_WITHOUT_LISTENER = "test/e2e/sandbox/dpi-without-listener.yml";

/**
 * Starts a sandbox of a test's own from the real composition, and waits until both sites run. Docker asks for their health
 * only where a HEALTH_INTERVAL is given, and is then waited for: each time it asks, it starts a shell.
 */
export async function startSandbox(
  environment: Record<string, string> = {},
  overrides: string[] = [],
): Promise<OwnSandbox> {
  const project = `safetunnel-test-${randomUUID().slice(0, 8)}`;
  const files = ["docker-compose.yml", ...overrides];
  const settings = {
    TAG,
    EAI_TLS_PORT: "0",
    DPI_TLS_PORT: "0",
    HEALTH_INTERVAL: "1h",
    SEND_EVERY: "off",
    ...environment,
  };
  const siteRuns = () =>
    environment.HEALTH_INTERVAL === undefined ? Wait.forLogMessage(/ runs: to /) : Wait.forHealthCheck();
  const stunnelRuns = Wait.forLogMessage("Configuration successful");
  await new DockerComposeEnvironment(ROOT, files)
    .withProjectName(project)
    .withEnvironment(settings)
    .withWaitStrategy("eai-1", siteRuns())
    .withWaitStrategy("dpi-1", overrides.includes(DPI_WITHOUT_LISTENER) ? stunnelRuns : siteRuns())
    .withStartupTimeout(60_000)
    .up();
  const sandbox = new Sandbox(project, settings, files);
  return Object.assign(sandbox, {
    [Symbol.asyncDispose]: async () => {
      // for a person who wants to look at what a failing test left
      if (process.env.KEEP_SANDBOX) return;
      // its end is the matter of other tests
      await sandbox.mustCompose("down", "--volumes", "--timeout", "0");
    },
  });
}
