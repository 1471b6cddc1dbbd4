import { spawn } from "node:child_process";
import type { Sandbox, SiteName } from "./sandbox.ts";

/** A command that runs in a site beside the test, and ends with its scope. */
export interface Follower extends Disposable {
  write(bytes: Uint8Array): void;
  /** What it has printed on standard output so far. */
  printed(): string;
  /** What it has printed on standard error so far. */
  printedAside(): string;
  hasEnded(): boolean;
}

/** Starts a command in a site as "docker compose exec" does. */
export function follow(sandbox: Sandbox, site: SiteName, command: string[]): Follower {
  return followDocker(["exec", "--interactive", `${sandbox.project}-${site}-1`, ...command]);
}

/** Follows what a site tells, from its first line on unless options of "docker logs" say otherwise, until it stops. */
export function followLog(sandbox: Sandbox, site: SiteName, ...options: string[]): Follower {
  return followDocker(["logs", "--follow", ...options, `${sandbox.project}-${site}-1`]);
}

function followDocker(args: string[]): Follower {
  const child = spawn("docker", args);
  let [printed, aside] = ["", ""];
  child.stdout.on("data", (chunk) => {
    printed += chunk;
  });
  child.stderr.on("data", (chunk) => {
    aside += chunk;
  });
  child.stdin.on("error", () => {});
  return {
    write: (bytes) => void child.stdin.write(bytes),
    printed: () => printed,
    printedAside: () => aside,
    hasEnded: () => child.exitCode !== null,
    [Symbol.dispose]: () => void child.kill(),
  };
}
