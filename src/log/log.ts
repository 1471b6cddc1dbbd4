import { closeSync, fstatSync, mkdirSync, openSync, renameSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import pino from "pino";
import pretty from "pino-pretty";
import { reasonOf, SafeTunnelError } from "./errors.ts";
import type { Settings } from "./settings.ts";

/** A log line is one event: a stable name in `event`, its facts as fields, and a sentence for a reader. */
export type Log = pino.Logger;

/** Each part of a site has a file of its own: site.log, send.log, listen.log, stunnel.log. */
export type LogName = "site" | "send" | "listen" | "stunnel";

const MAX_FILE_BYTES = 10 * 1024 * 1024;

/** Opens a log that writes JSON to its file and, where asked, tells the story on standard output. */
export function openLog(name: LogName, settings: Settings, story: boolean): Log {
  const file = new LogFile(join(settings.dataDir, "log"), `${name}.log`);
  const streams: pino.StreamEntry[] = [{ level: "debug", stream: file }];
  if (story) streams.push({ level: settings.logLevel, stream: storyStream(settings) });
  return pino(
    { base: { site: settings.site.name, part: name }, level: "debug", timestamp: pino.stdTimeFunctions.isoTime },
    pino.multistream(streams),
  );
}

/** One for all parts of a process: each would listen to standard output for itself. */
let prettyStream: pino.DestinationStream | undefined;

function storyStream({ logFormat }: Settings): pino.DestinationStream {
  // the process's own stream, which hears of a reader that has gone
  if (logFormat === "json") return process.stdout;
  prettyStream ??= pretty({
    colorize: process.stdout.isTTY,
    hideObject: true,
    ignore: "pid,hostname",
    messageFormat: "{part}: {msg}",
    translateTime: "SYS:HH:MM:ss.l",
    destination: process.stdout,
  });
  return prettyStream;
}

/** A file that lines are appended to, by several processes at once; at its limit it becomes `<name>.1`. */
class LogFile {
  readonly #path: string;
  #fd: number;
  #bytes: number;

  constructor(directory: string, name: string) {
    this.#path = join(directory, name);
    try {
      mkdirSync(directory, { recursive: true });
      this.#fd = openSync(this.#path, "a", 0o640);
      this.#bytes = fstatSync(this.#fd).size;
    } catch (cause) {
      throw new SafeTunnelError("file-unwritable", `cannot write the log ${this.#path}: ${reasonOf(cause)}`, {
        hint: "set DATA_DIR to a directory that this user may write",
        cause,
      });
    }
  }

  write(line: string): void {
    if (this.#bytes > MAX_FILE_BYTES) attempt(() => this.#rotate());
    attempt(() => {
      this.#bytes += writeSync(this.#fd, line);
    });
  }

  #rotate(): void {
    // another process may have rotated already: then the file at this path is young
    const young = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
    if (young > MAX_FILE_BYTES) renameSync(this.#path, `${this.#path}.1`);
    const next = openSync(this.#path, "a", 0o640);
    closeSync(this.#fd);
    this.#fd = next;
    this.#bytes = fstatSync(next).size;
  }
}

/** A full disk must not stop the exchange of messages; a site tells each line on standard output as well. */
function attempt(action: () => void): void {
  try {
    action();
  } catch {}
}
