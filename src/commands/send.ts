import { setTimeout as pause } from "node:timers/promises";
import { SingleBar } from "cli-progress";
import { Command, Option } from "commander";
import { reasonOf, SafeTunnelError } from "../errors.ts";
import { type Acknowledgment, isAccepted } from "../hl7/acknowledgment.ts";
import { Message } from "../hl7/message.ts";
import { factsOf, nameOf, visible } from "../hl7/text.ts";
import { type Log, openLog } from "../log.ts";
import { type Endpoint, placeOf } from "../mllp/endpoint.ts";
import { readSettings, type Settings } from "../settings.ts";
import { Outbox } from "../store/outbox.ts";
import { Store } from "../store/store.ts";
import { ExitCode, paint, print, printError } from "../terminal.ts";
import { type Exchange, Sender } from "./exchange.ts";
import { logExchange } from "./log-exchange.ts";
import { putMessage } from "./put.ts";
import { durationOption, numberOption } from "./run.ts";
import { printSegments } from "./segments.ts";
import { requireOwnPlace, type SendingOptions, withSendingOptions } from "./sending-options.ts";
import { readMessage, readOwnMessage, stamp } from "./source.ts";
import { printSummary, type Run } from "./summary.ts";

interface SendOptions extends SendingOptions {
  asIs?: true;
  count: number;
  interval: number;
  connections: number;
  queue?: true;
  segments?: true;
  json?: true;
}

const EXAMPLES = `
Examples:
  send                              the site's own message, once
  send --segments                   show the message and its acknowledgment, segment by segment
  send --count 1000 --connections 4 a long run, with a summary
  send --queue --count 10           leave them to the site's sender; "queue" shows what waits
  send --as-is - < message.hl7      a message from standard input, to the byte

Exit codes: 0 accepted, 1 failed, 2 wrong usage, 3 negative acknowledgment.
A duration is written 500ms, 20s or 2m; a number alone is seconds.`;

/** The command that sends messages and waits for the acknowledgment of each. */
export function sendCommand(): Command {
  return withSendingOptions(new Command("send"))
    .description("Send a message through the tunnel and wait for its acknowledgment.")
    .argument("[file]", 'a message, one segment a line or with CR; "-" is standard input; default is the site\'s own')
    .option("--as-is", "change no byte: keep MSH-7, MSH-10 and the line ends of the file")
    .option("--count <n>", "how many messages to send", numberOption("--count", 1), 1)
    .option("--interval <duration>", "pause between two messages of a connection", durationOption("--interval"), 0)
    .option("--connections <n>", "how many connections to send on at once", numberOption("--connections", 1, 1000), 1)
    .addOption(
      new Option(
        "--queue",
        "put them into the outbox of the site, whose sender brings them to the other side",
      ).conflicts(["connections", "interval", "segments"]),
    )
    .option("--segments", "show the segments of the message and of the acknowledgment")
    .option("--json", "print one JSON document a line")
    .addHelpText("after", EXAMPLES)
    .action(send);
}

async function send(file: string | undefined, options: SendOptions): Promise<void> {
  requireOwnControlIds(options);
  const settings = await readSettings();
  const message =
    file === undefined ? await readOwnMessage(settings.siteDir) : await readMessage(file, options.asIs === true);
  if (options.queue) return await queueAll(message, options, settings);
  const endpoint = { host: options.host, port: options.port ?? settings.site.sendPort };
  const run = await sendAll(message, endpoint, options, settings);
  if (options.count > 1) printSummary(run, options.json === true);
  if (run.failure !== undefined) printError(run.failure);
  const negative = run.exchanges.some(({ code }) => !isAccepted({ code }));
  if (run.failure !== undefined) process.exitCode = ExitCode.failed;
  else if (negative) process.exitCode = ExitCode.negative;
}

function requireOwnControlIds({ asIs, count }: SendOptions): void {
  if (asIs && count > 1)
    throw new SafeTunnelError("invalid-setting", `--as-is with --count ${count} repeats one control ID`, {
      hint: "leave out --as-is, so that each message gets a control ID of its own",
    });
}

/** Puts messages into the outbox; that they are delivered is the sender's to tell. */
async function queueAll(template: Message, options: SendOptions, settings: Settings): Promise<void> {
  requireOwnPlace(options, settings.site);
  using store = Store.open(settings.dataDir, settings.storeSync);
  const outbox = new Outbox(store, settings.retention);
  for (let queued = 0; queued < options.count; queued += 1) {
    const message = options.asIs ? template : stamp(template);
    const id = await putMessage(outbox, message, settings.maxPayloadBytes);
    const { type, controlId } = message;
    if (options.json) print(JSON.stringify({ event: "message-queued", id, type, controlId }));
    else print(`queued        ${nameOf(message)} as #${id}, not delivered yet: "queue" shows what waits`);
  }
}

async function sendAll(template: Message, endpoint: Endpoint, options: SendOptions, settings: Settings): Promise<Run> {
  const log = openLog("send", settings, false);
  const startedAt = performance.now();
  const run: Run = { wanted: options.count, exchanges: [], failure: undefined, durationMs: 0 };
  const progress = progressBar(options);
  let begun = 0;
  const connection = async () => {
    using sender = new Sender(endpoint, { timeoutMs: options.timeout, maxPayloadBytes: settings.maxPayloadBytes });
    while (begun < options.count && run.failure === undefined) {
      begun += 1;
      try {
        const message = options.asIs ? template : stamp(template);
        const exchange = await sendOne(sender, message, options, log);
        const { acknowledgment, durationMs } = exchange;
        run.exchanges.push({ code: acknowledgment.code, durationMs, sizeBytes: message.payload.length });
        progress?.update(run.exchanges.length);
      } catch (error) {
        run.failure ??= error;
      }
      if (options.interval > 0 && begun < options.count && run.failure === undefined) await pause(options.interval);
    }
  };
  progress?.start(options.count, 0);
  await Promise.all(Array.from({ length: Math.min(options.connections, options.count) }, connection));
  progress?.stop();
  run.durationMs = performance.now() - startedAt;
  return run;
}

async function sendOne(sender: Sender, message: Message, options: SendOptions, log: Log): Promise<Exchange> {
  const single = options.count === 1;
  if (single && !options.json) printSending(message, sender.endpoint, options);
  try {
    const exchange = await sender.exchange(message);
    logExchange(log, exchange);
    if (options.json) print(JSON.stringify(asJson(exchange)));
    else if (single || !isAccepted(exchange.acknowledgment)) printAcknowledgment(exchange, options);
    return exchange;
  } catch (error) {
    const code = error instanceof SafeTunnelError ? error.code : "defect";
    const facts = { event: "exchange-failed", type: message.type, controlId: message.controlId, code };
    log.error({ ...facts, ...factsOf(message) }, reasonOf(error));
    if (options.json) print(JSON.stringify({ ...facts, error: reasonOf(error) }));
    throw error;
  }
}

function printSending(message: Message, endpoint: Endpoint, options: SendOptions): void {
  print(`sending       ${nameOf(message)} to ${placeOf(endpoint)}, ${message.payload.length} bytes`);
  if (options.segments) printSegments(message.text());
}

function printAcknowledgment({ message, acknowledgment, ignored, durationMs }: Exchange, options: SendOptions): void {
  const { code, details } = acknowledgment;
  const what = `${code} for ${visible(message.controlId)} in ${Math.round(durationMs)} ms`;
  if (isAccepted(acknowledgment)) print(`${paint("green", "acknowledged")}  ${what}`);
  else print(`${paint("red", "refused")}       ${what}: ${details.join("; ") || "no reason given"}`);
  if (ignored) print(`${paint("yellow", "ignored")}       ${ignored}`);
  if (options.segments) printSegments(textOf(acknowledgment));
}

const textOf = ({ payload }: Acknowledgment): string[] => Message.read(payload).text();

function asJson({ message, acknowledgment, ignored, durationMs }: Exchange): object {
  return {
    event: "exchange",
    type: message.type,
    controlId: message.controlId,
    sizeBytes: message.payload.length,
    code: acknowledgment.code,
    durationMs: Math.round(durationMs * 10) / 10,
    details: acknowledgment.details,
    ...(ignored && { ignored }),
    acknowledgment: textOf(acknowledgment),
  };
}

function progressBar({ count, json }: SendOptions): SingleBar | undefined {
  if (count === 1 || json || !process.stderr.isTTY) return undefined;
  return new SingleBar({ format: "sending {bar} {value}/{total} | {duration_formatted} | {eta_formatted} left" });
}
