import { Command, Option } from "commander";
import { reasonOf, SafeTunnelError } from "../errors.ts";
import { type Acknowledgment, isAccepted } from "../hl7/acknowledgment.ts";
import { traceOf } from "../hl7/claim.ts";
import { Message } from "../hl7/message.ts";
import { nameOf, visible } from "../hl7/text.ts";
import { tellAfterwards, tellWaiting } from "../log/afterwards.ts";
import { type Log, openLog } from "../log/log.ts";
import { type Endpoint, placeOf } from "../mllp/endpoint.ts";
import { readSettings } from "../settings.ts";
import { ExitCode, paint, print, printError } from "../terminal.ts";
import { type Exchange, Sender } from "./exchange.ts";
import { logExchange } from "./log-exchange.ts";
import { durationOption, numberOption } from "./run.ts";
import { printSegments } from "./segments.ts";
import { type RunOptions, sendRun } from "./send-run.ts";
import { type SendingOptions, withSendingOptions } from "./sending-options.ts";
import { readMessage, readOwnMessage, stamp } from "./source.ts";
import { printSummary } from "./summary.ts";
import { SiteReport } from "./tell-site.ts";

export interface SendOptions extends SendingOptions, RunOptions {
  asIs?: true;
  summary?: true;
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
    .option(
      "--warm-up <n>",
      "how many to send before, which the summary does not count",
      numberOption("--warm-up", 0),
      0,
    )
    .option("--reconnect", "open a new connection for each message, as some engines do")
    .addOption(
      new Option(
        "--queue",
        "put them into the outbox of the site, whose sender brings them to the other side",
      ).conflicts(["connections", "interval", "segments", "warmUp", "reconnect", "summary"]),
    )
    .option("--segments", "show the segments of the message and of the acknowledgment")
    .option("--summary", "print the summary alone, also of one message")
    .option("--json", "print one JSON document a line")
    .addHelpText("after", EXAMPLES)
    .action(send);
}

async function send(file: string | undefined, options: SendOptions): Promise<void> {
  requireOwnControlIds(options);
  const settings = await readSettings();
  const message =
    file === undefined ? await readOwnMessage(settings.siteDir) : await readMessage(file, options.asIs === true);
  // most need no store: what opens it is loaded for those that do
  if (options.queue) return await (await import("./send-queue.ts")).queueAll(message, options, settings);
  const endpoint = { host: options.host, port: options.port ?? settings.site.sendPort };
  const log = openLog("send", settings);
  const report = new SiteReport(settings.site, endpoint);
  const run = await sendRun(options, {
    next: () => (options.asIs ? message : stamp(message)),
    connect: () => new Sender(endpoint, { timeoutMs: options.timeout, maxPayloadBytes: settings.maxPayloadBytes }),
    send: (sender, next) => sendOne(sender, next, options, log, report),
    tell: (exchange) => tell(exchange, options, log, report),
    showsProgress: isRun(options) && !options.json && process.stderr.isTTY,
  });
  if (isRun(options)) printSummary(run, options.json === true);
  if (run.failure !== undefined) printError(run.failure);
  if (run.failure !== undefined) process.exitCode = ExitCode.failed;
  else if (run.negative) process.exitCode = ExitCode.negative;
  tellWaiting();
  report.hand();
}

/** Whether it is told as a whole, and not message by message. */
const isRun = ({ count, warmUp, summary }: SendOptions) => count + warmUp > 1 || summary === true;

function requireOwnControlIds({ asIs, count, warmUp }: SendOptions): void {
  if (asIs && count + warmUp > 1)
    throw new SafeTunnelError("invalid-setting", `--as-is with ${count + warmUp} messages repeats one control ID`, {
      hint: "leave out --as-is, so that each message gets a control ID of its own",
    });
}

async function sendOne(
  sender: Sender,
  message: Message,
  options: SendOptions,
  log: Log,
  report: SiteReport,
): Promise<Exchange> {
  if (!isRun(options) && !options.json) printSending(message, sender.endpoint, options);
  try {
    return await sender.exchange(message);
  } catch (error) {
    const code = error instanceof SafeTunnelError ? error.code : "defect";
    const about = traceOf(message);
    log.error({ event: "exchange-failed", ...about, code }, reasonOf(error));
    const { type, controlId } = message;
    const facts = { event: "exchange-failed", type, controlId, traceId: about.traceId, code };
    if (error instanceof SafeTunnelError) report.failed(about, error, sender.from);
    if (options.json) print(JSON.stringify({ ...facts, error: reasonOf(error) }));
    throw error;
  }
}

function tell(exchange: Exchange, options: SendOptions, log: Log, report: SiteReport): void {
  const { json, summary } = options;
  tellAfterwards(() => {
    const about = traceOf(exchange.message);
    logExchange(log, exchange, about);
    report.exchanged(exchange, about);
  });
  if (json && !summary) print(JSON.stringify(asJson(exchange, traceOf(exchange.message).traceId)));
  else if (!json && (!isRun(options) || !isAccepted(exchange.acknowledgment))) printAcknowledgment(exchange, options);
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

function asJson({ message, acknowledgment, ignored, durationMs }: Exchange, traceId: string | undefined): object {
  return {
    event: "exchange",
    type: message.type,
    controlId: message.controlId,
    traceId,
    sizeBytes: message.payload.length,
    code: acknowledgment.code,
    durationMs: Math.round(durationMs * 10) / 10,
    details: acknowledgment.details,
    ...(ignored && { ignored }),
    acknowledgment: textOf(acknowledgment),
  };
}
