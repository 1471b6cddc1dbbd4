import { get } from "node:http";
import { text } from "node:stream/consumers";
import { Command } from "commander";
import { reasonOf, SafeTunnelError } from "../errors.ts";
import { HEALTH_PORT } from "../site/health.ts";
import { ExitCode, print } from "../terminal.ts";

const LIMIT_MS = 2000;

/** The command behind the container's health check. */
export function healthCommand(): Command {
  return new Command("health")
    .description("Say whether this site runs: Stunnel alive, ports open, listener answering. Exits 0 or 1.")
    .addHelpText("after", '\nThis judges the site alone; whether the other side answers is what "send" shows.')
    .action(health);
}

async function health(): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const request = get({ host: "127.0.0.1", port: HEALTH_PORT, path: "/healthz", timeout: LIMIT_MS }, async (answer) => {
    print((await text(answer)).trim());
    resolve(answer.statusCode ?? 0);
  });
  request.on("timeout", () => request.destroy(new Error(`no answer within ${LIMIT_MS} ms`))).on("error", reject);
  const status = await promise.catch((cause) => {
    throw new SafeTunnelError(
      "connection-failed",
      `the site does not answer on port ${HEALTH_PORT}: ${reasonOf(cause)}`,
      {
        hint: 'read its last lines with "docker compose logs"',
        cause,
      },
    );
  });
  process.exitCode = status === 200 ? ExitCode.accepted : ExitCode.failed;
}
