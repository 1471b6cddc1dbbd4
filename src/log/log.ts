import { join } from "node:path";
import pino from "pino";
import type { Settings } from "../settings.ts";
import { Batch } from "./batch.ts";
import { LogFile } from "./log-file.ts";

/** A log line is one event: a stable name in `event`, its facts as fields, and a sentence for a reader. */
export type Log = pino.Logger;

/** Each part of a site has a file of its own: site.log, send.log, listen.log, stunnel.log. */
export type LogName = "site" | "send" | "listen" | "stunnel";

let lastSecond = Number.NaN;
let secondText = "";

/** The time of a line, as pino wants it; many lines have the same second, and to write that takes as long as the rest. */
function time(): string {
  const nowMs = Date.now();
  const second = Math.floor(nowMs / 1000);
  if (second !== lastSecond) [lastSecond, secondText] = [second, new Date(nowMs).toISOString().slice(0, -4)];
  return `,"time":"${secondText}${String(nowMs % 1000).padStart(3, "0")}Z"`;
}

/** Where a part tells what happens to who looks on. */
type Story = (name: LogName, settings: Settings) => pino.DestinationStream;

/** Opens a log that writes JSON to its file, and where it is to be read, as `story.ts` makes it. Throws `file-unwritable`. */
export function openLog(name: LogName, settings: Settings, story?: Story): Log {
  const file = new LogFile(join(settings.dataDir, "log"), `${name}.log`);
  const lines = new Batch((text) => file.write(text));
  const told = story && { level: settings.logLevel, stream: story(name, settings) };
  return pino(
    { base: { site: settings.site.name, part: name }, level: "debug", timestamp: time },
    told ? pino.multistream([{ level: "debug", stream: lines }, told]) : lines,
  );
}
