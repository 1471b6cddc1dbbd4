/** Builds and starts the sandbox, and ends with an exchange in each direction: what "npm start" does once Docker works. */
import { spawnSync } from "node:child_process";
import { SafeTunnelError } from "../src/errors.ts";
import { ExitCode, paint, print, printError } from "../src/terminal.ts";

const NEXT = `What to try next:
  docker compose exec eai send --segments   the message and its acknowledgment, segment by segment
  docker compose exec dpi listen            what DPI receives, live
  docker compose logs -f eai                the story of a site
  docker compose stop dpi                   and send again: nothing is reported as sent that did not arrive
  docker compose down                       the end; "down --volumes" forgets certificates and messages as well`;

try {
  stage("building the images (a minute the first time, a second later)", ["build", "--quiet"]);
  stage("starting both sites, until they are healthy", ["up", "--detach", "--wait", "--quiet-pull"]);
  for (const [site, peer] of [
    ["eai", "dpi"],
    ["dpi", "eai"],
  ] as const) {
    print(`\n${paint("bold", `${site.toUpperCase()} sends to ${peer.toUpperCase()}`)}`);
    compose(["exec", "-T", site, "send"], "inherit", `no exchange from ${site} to ${peer}`);
  }
  print(`\n${NEXT}`);
} catch (error) {
  printError(error);
  process.exitCode = ExitCode.failed;
}

function stage(what: string, args: string[]): void {
  print(`${what} …`);
  const startedAt = performance.now();
  compose(args, "pipe", `"docker compose ${args[0]}" failed`);
  print(`${paint("green", "done")} in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}

function compose(args: string[], output: "pipe" | "inherit", what: string): void {
  const { status, stderr } = spawnSync("docker", ["compose", ...args], { stdio: ["ignore", output, output] });
  if (status === 0) return;
  const words = stderr?.toString().trim().split("\n").slice(-15).join("\n") ?? "";
  throw new SafeTunnelError("tunnel-failed", words === "" ? what : `${what}:\n${words}`, {
    hint: words.includes("port is already allocated")
      ? "another program has the port: choose others, as in EAI_TLS_PORT=42200 DPI_TLS_PORT=42100 npm start"
      : 'read what the sites told with "docker compose logs"',
  });
}
