import { type Command, Option } from "commander";
import { DEFAULT_TIMEOUT_MS } from "./exchange.ts";
import { numberOption, periodOption } from "./run.ts";

/** What every command that sends takes: where to, and the one limit over connect, send and wait. */
export interface SendingOptions {
  host: string;
  port?: number;
  timeout: number;
}

/** Adds --host, --port and --timeout to a command that sends. */
export function withSendingOptions(command: Command): Command {
  const limit = new Option("--timeout <duration>", "limit of connect, send and wait together");
  return command
    .addOption(limit.argParser(periodOption("--timeout")).default(DEFAULT_TIMEOUT_MS, `${DEFAULT_TIMEOUT_MS / 1000}s`))
    .option("--host <host>", "where the plain port is", "127.0.0.1")
    .option(
      "--port <port>",
      "the plain port (default: the one of this site's tunnel)",
      numberOption("--port", 1, 65535),
    );
}
