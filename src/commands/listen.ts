import { Command } from "commander";
import { SafeTunnelError } from "../errors.ts";
import { isAccepted } from "../hl7/acknowledgment.ts";
import { Message } from "../hl7/message.ts";
import { nameOf, visible } from "../hl7/text.ts";
import { openLog } from "../log/log.ts";
import { placeOf } from "../mllp/endpoint.ts";
import { FrameDecoder } from "../mllp/frame-decoder.ts";
import { MllpServer } from "../mllp/server.ts";
import { readSettings, type Settings } from "../settings.ts";
import { Journal, type JournalEntry } from "../store/journal.ts";
import { Store } from "../store/store.ts";
import { paint, print, printAside } from "../terminal.ts";
import { Receiver } from "./receive.ts";
import { numberOption } from "./run.ts";
import { bufferOver, printSegments } from "./segments.ts";
import { pauseUnlessStopped, STOP_GRACE_MS, stopSignal } from "./stop.ts";

interface ListenOptions {
  last: number;
  follow: boolean;
  full?: true;
  json?: true;
  host: string;
  port?: number;
  answer?: string;
}

const EXAMPLES = `
Examples:
  listen                          the last messages, then each one as it arrives
  listen --no-follow --last 1     the last message, and end
  listen --json | jq .controlId   one JSON document a message, with the payload in base64

Where a listener runs on the port already (in a site it does), this shows what it receives; else this is the listener.`;

const POLL_MS = 100;

/** The command that shows what a site receives, and that is the listener where none runs. */
export function listenCommand(): Command {
  return new Command("listen")
    .description("Show the messages that this site receives, segment by segment, and how each was acknowledged.")
    .option("--last <n>", "how many of the messages before now to show", numberOption("--last", 0, 100_000), 5)
    .option("--no-follow", "end after them instead of waiting for the next")
    .option("--full", "show long segments whole")
    .option("--json", "print one JSON document a line")
    .option("--host <host>", "the address to listen on where no listener runs", "127.0.0.1")
    .option("--port <port>", "the plain port (default: the one of this site)", numberOption("--port", 0, 65535))
    .option("--answer <how>", 'misbehave where no listener runs: "close every 10", "AE 204 first 3" (default: ANSWER)')
    .addHelpText("after", EXAMPLES)
    .action(listen);
}

async function listen(options: ListenOptions): Promise<void> {
  const settings = { ...(await readSettings()), ...(options.answer && { answer: options.answer }) };
  using store = Store.open(settings.dataDir, settings.storeSync);
  const journal = new Journal(store, settings.retention);
  const stop = stopSignal();
  if (options.answer && !options.follow) throw withoutEffect(options.answer, "with --no-follow nothing listens");
  await using server = options.follow ? await beListener(options, settings, journal) : undefined;
  if (!options.json) tellEngine(settings, server);
  let seen = Math.max(0, journal.lastId() - options.last);
  const show = () => {
    for (const entry of journal.after(seen, 100)) {
      if (options.json) print(JSON.stringify(asJson(entry)));
      else printEntry(entry, options);
      seen = entry.id;
    }
  };
  while (seen < journal.lastId()) show();
  while (options.follow && !stop.aborted) {
    await pauseUnlessStopped(POLL_MS, stop);
    show();
  }
  await server?.close(STOP_GRACE_MS);
  show();
}

async function beListener(
  { host, port, json, answer }: ListenOptions,
  settings: Settings,
  journal: Journal,
): Promise<MllpServer | undefined> {
  const wanted = port ?? settings.site.listenPort;
  const receiver = await Receiver.open(settings, journal, openLog("listen", settings));
  try {
    const { maxPayloadBytes } = settings;
    const server = await MllpServer.listen({ host, port: wanted, maxPayloadBytes, ...receiver.handlers() });
    printAside(`listening on ${host}:${server.port} as ${settings.site.title}; Ctrl-C ends it`);
    return server;
  } catch (error) {
    if (!(error instanceof SafeTunnelError) || error.code !== "port-in-use") throw error;
    if (answer) throw withoutEffect(answer, `port ${wanted} has a listener already`);
    const whose = `the listener of ${settings.site.title} (port ${settings.site.listenPort})`;
    if (!json && settings.simulator.listens)
      printAside(`port ${wanted} is taken: showing what ${whose} has stored, live; Ctrl-C ends it`);
    return undefined;
  }
}

/** Says what the journal cannot have where an engine listens, and what does not come here. */
function tellEngine({ site, simulator, engine }: Settings, server: MllpServer | undefined): void {
  if (simulator.listens) return;
  const off = `the listener of ${site.title} is off (${simulator.word})`;
  if (!server) printAside(`${off}: what an engine receives is not shown here, only what was stored before`);
  else if (engine) printAside(`${off}: what ${site.peer} sends goes to ${placeOf(engine)} (ENGINE), and not here`);
}

function withoutEffect(answer: string, why: string): SafeTunnelError {
  return new SafeTunnelError("invalid-setting", `--answer "${answer}" would have no effect: ${why}`, {
    hint: "set EAI_ANSWER or DPI_ANSWER for the listener of a site, or give this one a --port of its own",
  });
}

function printEntry(entry: JournalEntry, options: ListenOptions): void {
  const { message, segments } = read(entry.payload);
  const time = new Date(entry.receivedAtMs).toLocaleString("sv-SE");
  const what = `${nameOf(entry)}, ${entry.payload.length} bytes from ${senderOf(entry, message)}`;
  const accepted = isAccepted(entry);
  const code = accepted ? paint("green", `stored, ${entry.code}`) : paint("red", `refused, ${entry.code}`);
  const again = entry.repeats > 0 ? `, came again ${entry.repeats} times` : "";
  print(`${time}  #${entry.id}  ${what}: ${code}${again}`);
  printSegments(segments, options.full);
  if (!accepted) for (const acknowledgment of acknowledgmentsIn(entry)) printSegments(acknowledgment, options.full);
}

/** Through a tunnel every connection comes from loopback: who sent is what MSH-3 and MSH-4 say. */
function senderOf({ peer }: JournalEntry, message: Message | undefined): string {
  if (!message) return peer;
  return `${visible(message.field(3)) || "?"} at ${visible(message.field(4)) || "?"} (${peer})`;
}

function asJson(entry: JournalEntry): object {
  const { payload, answer: _, receivedAtMs, ...facts } = entry;
  return {
    ...facts,
    receivedAt: new Date(receivedAtMs).toISOString(),
    sizeBytes: payload.length,
    segments: read(payload).segments,
    // of two, CA and the application's, the last says what became of the message
    acknowledgment: acknowledgmentsIn(entry).at(-1) ?? [],
    payloadBase64: bufferOver(payload).toString("base64"),
  };
}

/** Reads what was received, which may be no message at all. */
function read(payload: Uint8Array): { message?: Message; segments: string[] } {
  const bytes = bufferOver(payload);
  try {
    const message = Message.read(bytes);
    return { message, segments: message.text() };
  } catch {
    return { segments: [bytes.toString("utf8")] };
  }
}

/** Returns the segments of each acknowledgment that a message got. */
const acknowledgmentsIn = ({ answer }: JournalEntry): string[][] =>
  new FrameDecoder()
    .push(bufferOver(answer))
    .flatMap((received) => (received.kind === "payload" ? [read(received.payload).segments] : []));
