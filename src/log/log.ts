import { join } from "node:path";
import pino from "pino";
import type { Settings } from "../settings.ts";
import { type LegNames, legNamesOf } from "../site/facts.ts";
import { timeToTellMs } from "./afterwards.ts";
import { Batch } from "./batch.ts";
import type { LogEvent } from "./events.ts";
import { LogFile } from "./log-file.ts";

/** What a log line holds beside its sentence. */
export interface LogFacts {
  event: LogEvent;
  [fact: string]: unknown;
}

type Line = (facts: LogFacts, sentence: string) => void;

/** A log line is one event: a stable name in `event`, its facts as fields, and a sentence for a reader. */
export type Log = Readonly<Record<"debug" | "info" | "warn" | "error" | "fatal", Line>>;

/** Each part of a site has a file of its own: site.log, send.log, listen.log, stunnel.log. */
export type LogName = "site" | "send" | "listen" | "stunnel";

let lastSecond = Number.NaN;
let secondText = "";

/** The time of a line, as pino wants it; many lines have the same second, and to write that takes as long as the rest. */
function time(): string {
  const nowMs = timeToTellMs();
  const second = Math.floor(nowMs / 1000);
  if (second !== lastSecond) [lastSecond, secondText] = [second, new Date(nowMs).toISOString().slice(0, -4)];
  return `,"time":"${secondText}${String(nowMs % 1000).padStart(3, "0")}Z"`;
}

/** Where a part tells what happens to who looks on. */
type Story = (name: LogName, settings: Settings) => pino.DestinationStream;

/** The leg of the messages that the lines of a part are about, where they are. */
const LEG: Partial<Record<LogName, keyof LegNames>> = { send: "to", listen: "from" };

/**
 * Opens a log that writes JSON to its file, and where it is to be read, as `story.ts` makes it; `more` adds to the facts of
 * each line. Throws `file-unwritable`.
 */
export function openLog(name: LogName, settings: Settings, story?: Story, more?: (facts: object) => object): Log {
  const file = new LogFile(join(settings.dataDir, "log"), `${name}.log`);
  const lines = new Batch((text) => file.write(text));
  const leg = LEG[name];
  const level = settings.watch === "off" && leg ? "warn" : "debug";
  const told = story && { level: settings.logLevel, stream: story(name, settings) };
  return pino(
    {
      base: { site: settings.site.name, part: name, leg: leg && legNamesOf(settings.site)[leg] },
      level,
      timestamp: time,
      ...(more && { mixin: more }),
    },
    told ? pino.multistream([{ level: "debug", stream: lines }, told]) : lines,
  );
}
