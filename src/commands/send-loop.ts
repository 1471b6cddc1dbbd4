import { Command } from "commander";
import { openLog } from "../log.ts";
import { DEFAULT_SEND_EVERY, durationMs, readSettings } from "../settings.ts";
import { runSendLoop } from "./deliver.ts";
import { Sender } from "./exchange.ts";
import { periodOption } from "./run.ts";
import { type SendingOptions, withSendingOptions } from "./sending-options.ts";
import { readMessage, readOwnMessage } from "./source.ts";
import { stopSignal } from "./stop.ts";

interface SendLoopOptions extends SendingOptions {
  every?: number;
}

const EXAMPLES = `
Examples:
  send-loop                 the site's own message, as often as the container sends it
  send-loop --every 500ms   the same, twice a second; Ctrl-C ends it

A message is sent again, with growing pauses, until the far side accepts it or refuses its content (AE).
A duration is written 500ms, 20s or 2m; a number alone is seconds.`;

/** The command that sends a message again and again, whatever happens to the link. */
export function sendLoopCommand(): Command {
  return withSendingOptions(new Command("send-loop"))
    .description(
      "Send a message again and again, each with a control ID of its own, and survive every fault of the link.",
    )
    .argument("[file]", 'a message, one segment a line; "-" is standard input; default is the site\'s own')
    .option(
      "--every <duration>",
      `how often to send (default: SEND_EVERY, or ${DEFAULT_SEND_EVERY})`,
      periodOption("--every"),
    )
    .addHelpText("after", EXAMPLES)
    .action(sendLoop);
}

async function sendLoop(file: string | undefined, options: SendLoopOptions): Promise<void> {
  const settings = await readSettings();
  const endpoint = { host: options.host, port: options.port ?? settings.site.sendPort };
  await runSendLoop({
    sender: new Sender(endpoint, { timeoutMs: options.timeout, maxPayloadBytes: settings.maxPayloadBytes }),
    template: file === undefined ? await readOwnMessage(settings.siteDir) : await readMessage(file, false),
    everyMs: options.every ?? settings.sendEveryMs ?? durationMs(DEFAULT_SEND_EVERY, "SEND_EVERY"),
    log: openLog("send", settings, true),
    stop: stopSignal(),
  });
}
