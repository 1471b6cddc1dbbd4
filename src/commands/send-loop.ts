import { Command } from "commander";
import { openLog } from "../log/log.ts";
import { storyStream } from "../log/story.ts";
import { DEFAULT_SEND_EVERY, durationMs, readSettings } from "../settings.ts";
import { Outbox } from "../store/outbox.ts";
import { Store } from "../store/store.ts";
import { printAside } from "../terminal.ts";
import { Courier } from "./deliver.ts";
import { LEAST_BYTES_PER_SECOND, Sender } from "./exchange.ts";
import { runSendLoop } from "./put.ts";
import { periodOption } from "./run.ts";
import { becomeSender, trySender } from "./sender-lock.ts";
import { requireOwnPlace, type SendingOptions, senderOff, withSendingOptions } from "./sending-options.ts";
import { readMessage, readOwnMessage } from "./source.ts";
import { stopSignal } from "./stop.ts";
import { Watch } from "./watch.ts";

interface SendLoopOptions extends SendingOptions {
  every?: number;
}

const EXAMPLES = `
Examples:
  send-loop                 the site's own message, as often as the container sends it
  send-loop --every 500ms   the same, twice a second; Ctrl-C ends it

Each message goes into the outbox of the site, whatever the link does. The one sender of the site, or this command where
none runs, brings it to the other side: again, with growing pauses, until it is accepted or its content refused (AE).
"queue" shows what waits. A duration is written 500ms, 20s or 2m; a number alone is seconds.`;

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
  const { dataDir, maxPayloadBytes } = settings;
  const template = file === undefined ? await readOwnMessage(settings.siteDir) : await readMessage(file, false);
  const everyMs = options.every ?? settings.sendEveryMs ?? durationMs(DEFAULT_SEND_EVERY, "SEND_EVERY");
  const stop = stopSignal();
  using store = Store.open(dataDir, settings.storeSync);
  const outbox = new Outbox(store, settings.retention);
  using lock = trySender(dataDir);
  // what waits already was meant for the place of the site
  if (!lock || outbox.counts().waiting > 0) requireOwnPlace(options, settings.site);
  const ended = new AbortController();
  const until = AbortSignal.any([stop, ended.signal]);
  const log = openLog("send", settings, storyStream);
  const watch = new Watch(outbox);
  const put = { outbox, template, everyMs, maxPayloadBytes, log, stop: until, onPut: watch.add };
  const end = () => ended.abort();
  const carry = async () => {
    using own = lock ?? (await becomeSender(dataDir, until));
    if (!own) return;
    watch.silence();
    const endpoint = { host: options.host, port: options.port ?? settings.site.sendPort };
    const limits = { timeoutMs: options.timeout, maxPayloadBytes, leastBytesPerSecond: LEAST_BYTES_PER_SECOND };
    await new Courier(outbox, new Sender(endpoint, limits), log).run(until);
  };
  await Promise.all([runSendLoop(put).finally(end), carry().finally(end), watch.run(until).finally(end)]);
  const { waiting } = outbox.counts();
  const { site, simulator } = settings;
  if (waiting > 0) printAside(`${waiting} messages wait in the outbox for the sender of ${site.title}`);
  if (waiting > 0 && !simulator.sends) printAside(senderOff(site, simulator));
}
