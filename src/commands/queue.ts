import { Command } from "commander";
import { SafeTunnelError } from "../errors.ts";
import { Message } from "../hl7/message.ts";
import { nameOf, visible } from "../hl7/text.ts";
import { readSettings, type Settings } from "../settings.ts";
import { type Delivered, Outbox, type Queued } from "../store/outbox.ts";
import { Store } from "../store/store.ts";
import { paint, print, printAside, printTable } from "../terminal.ts";
import { numberOption } from "./run.ts";
import { bufferOver, printSegments } from "./segments.ts";
import { senderOff } from "./sending-options.ts";

const EXAMPLES = `
Examples:
  queue                   what waits, and what was set aside and why
  queue show 12           the segments of a message, and why it is there still
  queue retry --all       send again what was set aside, each in its place
  queue drop 12           take a message out: it is not sent again
  queue delivered         what the other side has acknowledged, the newest last

A message is set aside where the other side says that its content is at fault (AE, CE); the next ones go on. What is
refused for a passing state (AR, CR), or has no acknowledgment, is tried again and holds the others up: order is kept.`;

/** The command that shows and mends the outbox of a site. */
export function queueCommand(): Command {
  return new Command("queue")
    .enablePositionalOptions()
    .description("Show what waits to be sent, and what was set aside and why.")
    .option("--limit <n>", "how many to show of each", numberOption("--limit", 1), 20)
    .option("--json", "print one JSON document, with every message")
    .addHelpText("after", EXAMPLES)
    .action(({ limit, json }) =>
      withOutbox((outbox, settings) => (json ? printJson(outbox) : printQueue(outbox, limit, settings))),
    )
    .addCommand(
      new Command("show")
        .description("Show a message in the outbox, segment by segment.")
        .argument("<id>", "its number", numberOption("id", 1))
        .option("--full", "show long segments whole")
        .action((id, { full }) => withOutbox((outbox) => showOne(outbox, id, full === true))),
    )
    .addCommand(changeCommand("retry", "Send again what was set aside, each message in its place."))
    .addCommand(
      changeCommand(
        "drop",
        "Take messages out of the outbox: they are not sent again. One that was tried may have arrived.",
      ),
    )
    .addCommand(
      new Command("delivered")
        .description("Show what the other side has acknowledged, the newest last.")
        .option("--last <n>", "how many to show", numberOption("--last", 1), 20)
        .option("--json", "print one JSON document a line")
        .action((_, command) => {
          // "queue --json delivered" asks for it as well
          const { last, json } = command.optsWithGlobals();
          return withOutbox((outbox) => printDelivered(outbox.lastDelivered(last), json === true));
        }),
    );
}

function changeCommand(how: "retry" | "drop", description: string): Command {
  return new Command(how)
    .description(description)
    .argument("[id...]", "their numbers", collectIds)
    .option("--all", "all that were set aside")
    .action((ids, options) => change(ids, options, how));
}

const collectIds = (text: string, before: number[] = []) => [...before, numberOption("id", 1)(text)];

async function withOutbox<T>(action: (outbox: Outbox, settings: Settings) => T | Promise<T>): Promise<T> {
  const settings = await readSettings();
  const { dataDir, storeSync, retention } = settings;
  using store = Store.open(dataDir, storeSync);
  return await action(new Outbox(store, retention), settings);
}

function printJson(outbox: Outbox): void {
  const messages = outbox.list().map(({ queuedAtMs, setAsideAtMs, ...message }) => ({
    ...message,
    state: setAsideAtMs === null ? "waiting" : "set-aside",
    queuedAt: isoOf(queuedAtMs),
    ...(setAsideAtMs !== null && { setAsideAt: isoOf(setAsideAtMs) }),
  }));
  const setAside = messages.filter(({ state }) => state === "set-aside").length;
  print(JSON.stringify({ waiting: messages.length - setAside, setAside, messages }));
}

function printQueue(outbox: Outbox, limit: number, { site, simulator }: Settings): void {
  const { waiting, setAside } = outbox.counts();
  const messages = outbox.list(limit);
  const rest = waiting + setAside - messages.length;
  if (messages.length > 0)
    printTable(
      ["#", "state", "message", "bytes", "queued", "tries", "why it is here still"],
      messages.map((message) => [
        String(message.id),
        message.setAsideAtMs === null ? "waiting" : paint("red", "set aside"),
        nameOf(message),
        String(message.sizeBytes),
        timeOf(message.queuedAtMs),
        String(message.tries),
        visible(message.reason) || "no try has ended yet",
      ]),
    );
  print(`${waiting} waiting, ${setAside} set aside${rest > 0 ? `; ${rest} not shown, --limit shows more` : ""}`);
  if (!simulator.sends) printAside(senderOff(site, simulator));
}

function showOne(outbox: Outbox, id: number, full: boolean): void {
  const queued = outbox.find(id);
  if (!queued) throw notThere([id]);
  const state = queued.setAsideAtMs === null ? "waiting" : "set aside";
  print(`#${id}  ${nameOf(queued)}, ${queued.sizeBytes} bytes, ${state} after ${queued.tries} tries`);
  if (queued.reason) print(`why: ${visible(queued.reason)}`);
  printSegments(Message.read(bufferOver(queued.payload)).text(), full);
}

async function change(ids: number[], { all }: { all?: true }, how: "retry" | "drop"): Promise<void> {
  if (ids.length > 0 === (all === true))
    throw new SafeTunnelError("invalid-setting", `queue ${how} needs numbers of messages or --all, one of the two`, {
      hint: '"queue" shows the numbers',
    });
  await withOutbox(async (outbox) => {
    const wanted = all
      ? outbox
          .list()
          .filter(isSetAside)
          .map(({ id }) => id)
      : ids;
    const done = await outbox[how](wanted);
    for (const id of done) print(how === "retry" ? `#${id} is sent again` : `#${id} is dropped, and not sent again`);
    const missed = wanted.filter((id) => !done.includes(id));
    if (missed.length > 0) throw notThere(missed, how === "retry" ? "set aside" : "in the outbox");
    if (all && done.length === 0) print("nothing was set aside");
  });
}

const isSetAside = ({ setAsideAtMs }: Queued) => setAsideAtMs !== null;

function notThere(ids: number[], where = "in the outbox"): SafeTunnelError {
  const which = ids.map((id) => `#${id}`).join(", ");
  return new SafeTunnelError("not-queued", `${which} ${ids.length > 1 ? "are" : "is"} not ${where}`, {
    hint: '"queue" shows what is in the outbox, "queue delivered" what has left it',
  });
}

function printDelivered(messages: Delivered[], json: boolean): void {
  if (json)
    for (const { queuedAtMs, deliveredAtMs, ...message } of messages)
      print(JSON.stringify({ ...message, queuedAt: isoOf(queuedAtMs), deliveredAt: isoOf(deliveredAtMs) }));
  else
    printTable(
      ["#", "message", "bytes", "queued", "delivered", "tries", "acknowledged", "ms"],
      messages.map((message) => [
        String(message.id),
        nameOf(message),
        String(message.sizeBytes),
        timeOf(message.queuedAtMs),
        timeOf(message.deliveredAtMs),
        String(message.tries),
        message.code,
        String(message.durationMs),
      ]),
    );
}

const isoOf = (timeMs: number) => new Date(timeMs).toISOString();
const timeOf = (timeMs: number) => new Date(timeMs).toLocaleString("sv-SE");
