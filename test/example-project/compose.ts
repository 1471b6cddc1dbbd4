/** "docker compose" for one sandbox of its own: a project name that nobody else has, and ports that are free. */
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { promisify } from "node:util";

const start = promisify(execFile);

/** What every sandbox of a test is told, however it is started. */
export const SETTINGS: Record<string, string> = {
  // the version of the images; the composition file has to be of the same one
  TAG: process.env.TAG ?? "dev",
  // a free port each, so that runs beside each other do not collide
  EAI_TLS_PORT: "0",
  DPI_TLS_PORT: "0",
  // the sandbox sends nothing by itself: what arrives is the application's
  SEND_EVERY: "off",
  HEALTH_INTERVAL: "1s",
};

export class Compose {
  readonly project = `example-${randomUUID().slice(0, 8)}`;
  readonly #files: string[];

  constructor(files: string[]) {
    this.#files = files;
  }

  /** Runs a command to its end and returns what it printed; a failure is an error with all that it said. */
  run(args: string[], environment: Record<string, string> = {}): Promise<string> {
    return this.runWith("", args, environment);
  }

  /** The same with an input. */
  async runWith(input: string, args: string[], environment: Record<string, string> = {}): Promise<string> {
    const files = this.#files.flatMap((file) => ["--file", file]);
    const running = start(
      "docker",
      ["compose", "--progress", "quiet", "--project-name", this.project, ...files, ...args],
      {
        cwd: import.meta.dirname,
        env: { ...process.env, ...SETTINGS, ...environment },
      },
    );
    running.child.stdin?.end(input);
    return (await running).stdout;
  }

  /** Ends the sandbox, with its messages and certificates. */
  async end(): Promise<void> {
    await this.run(["down", "--volumes", "--timeout", "0"]);
  }
}
