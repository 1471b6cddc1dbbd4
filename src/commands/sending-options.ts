import { type Command, Option } from "commander";
import { SafeTunnelError } from "../errors.ts";
import { placeOf } from "../mllp/endpoint.ts";
import type { SiteFacts } from "../site/facts.ts";
import type { Simulator } from "../site/simulator.ts";
import { DEFAULT_TIMEOUT_MS } from "./exchange.ts";
import { numberOption, periodOption } from "./run.ts";

/** What every command that sends takes: where to, and the one limit over connect, send and wait. */
export interface SendingOptions {
  host: string;
  port?: number;
  timeout: number;
}

const DEFAULT_HOST = "127.0.0.1";

/** Adds --host, --port and --timeout to a command that sends. */
export function withSendingOptions(command: Command): Command {
  const limit = new Option("--timeout <duration>", "limit of connect, send and wait together");
  return command
    .addOption(limit.argParser(periodOption("--timeout")).default(DEFAULT_TIMEOUT_MS, `${DEFAULT_TIMEOUT_MS / 1000}s`))
    .option("--host <host>", "where the plain port is", DEFAULT_HOST)
    .option(
      "--port <port>",
      "the plain port (default: the one of this site's tunnel)",
      numberOption("--port", 1, 65535),
    );
}

/** Returns in words that what waits in the outbox has no sender of the site. */
export const senderOff = ({ title }: SiteFacts, { word }: Simulator): string =>
  `the sender of ${title} is off (${word}): what is in the outbox stays there, unless "send-loop" is run by hand`;

/** Lets pass only what leaves place and limit to the sender of the site. Throws `invalid-setting`. */
export function requireOwnPlace({ host, port, timeout }: SendingOptions, { sendPort }: SiteFacts): void {
  if (host === DEFAULT_HOST && (port ?? sendPort) === sendPort && timeout === DEFAULT_TIMEOUT_MS) return;
  throw new SafeTunnelError("invalid-setting", "--host, --port and --timeout are not for what goes to the outbox", {
    hint: `leave them out: the sender of the site brings it to ${placeOf({ host: DEFAULT_HOST, port: sendPort })}`,
  });
}
