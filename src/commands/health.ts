import { Command } from "commander";
import { ExitCode, print } from "../terminal.ts";
import { askSite } from "./ask-site.ts";

const LIMIT_MS = 2000;

/** The command behind the container's health check. */
export function healthCommand(): Command {
  return new Command("health")
    .description("Say whether this site runs: Stunnel alive, ports open, listener answering. Exits 0 or 1.")
    .addHelpText("after", '\nThis judges the site alone; whether the other side answers is what "send" shows.')
    .action(async () => {
      const { status, body } = await askSite("GET", "/healthz", LIMIT_MS);
      print(body);
      process.exitCode = status === 200 ? ExitCode.accepted : ExitCode.failed;
    });
}
