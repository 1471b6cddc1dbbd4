import { join } from "node:path";
import pino from "pino";
import type { Settings } from "../settings.ts";
import { Batch } from "./batch.ts";
import { LogFile } from "./log-file.ts";
import { storyStream } from "./story.ts";

/** A log line is one event: a stable name in `event`, its facts as fields, and a sentence for a reader. */
export type Log = pino.Logger;

/** Each part of a site has a file of its own: site.log, send.log, listen.log, stunnel.log. */
export type LogName = "site" | "send" | "listen" | "stunnel";

/** Opens a log that writes JSON to its file and, where asked, tells the story on standard output. Throws `file-unwritable`. */
export function openLog(name: LogName, settings: Settings, story: boolean): Log {
  const file = new LogFile(join(settings.dataDir, "log"), `${name}.log`);
  const streams: pino.StreamEntry[] = [{ level: "debug", stream: new Batch((lines) => file.write(lines)) }];
  if (story) streams.push({ level: settings.logLevel, stream: storyStream(name, settings) });
  return pino(
    { base: { site: settings.site.name, part: name }, level: "debug", timestamp: pino.stdTimeFunctions.isoTime },
    pino.multistream(streams),
  );
}
