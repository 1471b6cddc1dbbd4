import { spawn } from "node:child_process";
import type { Sandbox, SiteName } from "./sandbox.ts";

/** A command that runs in a site beside the test, and ends with its scope. */
export interface Follower extends Disposable {
  write(bytes: Uint8Array): void;
  /** What it has printed on standard output so far. */
  printed(): string;
  /** What it has printed on standard error so far. */
  printedAside(): string;
}

/** Starts a command in a site as "docker compose exec" does. */
export function follow(sandbox: Sandbox, site: SiteName, command: string[]): Follower {
  const child = spawn("docker", ["exec", "--interactive", `${sandbox.project}-${site}-1`, ...command]);
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
    [Symbol.dispose]: () => void child.kill(),
  };
}
