import type { DestinationStream } from "pino";
import { prettyFactory } from "pino-pretty";
import type { Settings } from "../settings.ts";
import { Batch } from "./batch.ts";

/** How many messages a part tells one by one within a second: a reader sees no more, and a line costs more than a commit. */
const MOST_A_SECOND = 50;
const SECOND_MS = 1000;
/** What is told for each message that goes well. */
const ORDINARY = ["message-accepted", "message-acknowledged"];

/** Asks pino for the object of each line beside its text. */
const METADATA: unique symbol = Symbol.for("pino.metadata");

/** One for all parts of a process, so that their lines keep their order. */
let output: Batch | undefined;

/** Returns where a part of a site tells its story: as JSON every line, for a reader what can be read. */
export function storyStream(name: string, { logFormat }: Settings): DestinationStream {
  output ??= new Batch((lines) => process.stdout.write(lines));
  if (logFormat === "json") return output;
  const format = prettyFactory({
    colorize: process.stdout.isTTY,
    hideObject: true,
    ignore: "pid,hostname",
    messageFormat: "{part}: {msg}",
    translateTime: "SYS:HH:MM:ss.l",
  });
  const lines = output;
  return new Readable(name, (line) => lines.write(format(line)));
}

/** Lets through what a reader can follow, and says how many more messages went well in the same second. */
class Readable {
  readonly [METADATA] = true;
  lastObj: { event?: string } = {};
  readonly #name: string;
  readonly #next: (line: string) => void;
  #told = 0;
  #left = 0;
  #second: NodeJS.Timeout | undefined;

  constructor(name: string, next: (line: string) => void) {
    this.#name = name;
    this.#next = next;
  }

  write(line: string): void {
    if (!ORDINARY.includes(this.lastObj.event ?? "")) {
      this.#next(line);
      return;
    }
    this.#second ??= setTimeout(() => this.#sum(), SECOND_MS).unref();
    this.#told += 1;
    if (this.#told <= MOST_A_SECOND) this.#next(line);
    else this.#left += 1;
  }

  #sum(): void {
    const left = this.#left;
    this.#second = undefined;
    [this.#told, this.#left] = [0, 0];
    if (left === 0) return;
    const msg = `and ${left} more messages that went well, each in log/${this.#name}.log`;
    this.#next(`${JSON.stringify({ level: INFO, time: new Date().toISOString(), part: this.#name, msg })}\n`);
  }
}

const INFO = 30;
