/** Starts the sandbox with what watches it, and prints where its pages are: what "npm run watch" does once Docker works. */
import { spawnSync } from "node:child_process";
import { SafeTunnelError } from "../src/errors.ts";
import { ExitCode, paint, print, printError } from "../src/terminal.ts";

const PAGES = [
  ["grafana", 3000, "/", "both legs side by side"],
  ["prometheus", 9090, "/alerts", "the alerts, and why"],
  ["alertmanager", 9093, "/", "who is told of them"],
] as const;

try {
  print("starting both sites and what watches them (a minute the first time) …");
  compose("up", "--detach", "--wait", "--quiet-pull", "--build");
  const running = compose("ps", "--services").split("\n");
  for (const [service, port, path, what] of PAGES) {
    if (!running.includes(service)) continue;
    const place = compose("port", service, String(port)).trim();
    print(`  ${paint("bold", `http://${place}${path}`).padEnd(48)} ${service}: ${what}`);
  }
  print("what each measure and each alert means: docs/operations.md");
} catch (error) {
  printError(error);
  process.exitCode = ExitCode.failed;
}

function compose(...args: string[]): string {
  const all = ["compose", "--profile", "watch", ...args];
  const { status, stdout, stderr } = spawnSync("docker", all, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  if (status === 0) return stdout;
  throw new SafeTunnelError("tunnel-failed", `"docker ${all.join(" ")}" failed:\n${stderr.trim()}`, {
    hint: stderr.includes("port is already allocated")
      ? "another program has the port: choose others, as in PROMETHEUS_PORT=19090 GRAFANA_PORT=13000 npm run watch"
      : 'read what they told with "docker compose --profile watch logs"',
  });
}
