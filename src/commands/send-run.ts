import { setTimeout as pause } from "node:timers/promises";
import { isAccepted } from "../hl7/acknowledgment.ts";
import type { Message } from "../hl7/message.ts";
import type { Exchange, Sender } from "./exchange.ts";
import { type Run, startClock } from "./summary.ts";

/** How a run is sent. */
export interface RunOptions {
  count: number;
  /** How many to send before, which the run does not count. */
  warmUp: number;
  connections: number;
  /** Milliseconds between two messages of a connection. */
  interval: number;
  reconnect?: true;
}

/** What a run needs of its caller. */
export interface RunParts {
  next(): Message;
  connect(): Sender;
  send(sender: Sender, message: Message): Promise<Exchange>;
  tell(exchange: Exchange): void;
  showsProgress: boolean;
}

/** Sends messages on several connections at once, one after another on each, until one cannot be sent. */
export async function sendRun(options: RunOptions, parts: RunParts): Promise<Run> {
  const { count, warmUp, interval, reconnect } = options;
  const total = warmUp + count;
  const run: Run = { wanted: count, exchanges: [], failure: undefined, negative: false, durationMs: 0, cpuMs: 0 };
  const progress = parts.showsProgress ? new (await import("cli-progress")).SingleBar({ format: PROGRESS }) : undefined;
  let clock = startClock();
  let [begun, done] = [0, 0];
  const connection = async () => {
    using sender = parts.connect();
    let prepared: Message | undefined;
    let untold: Exchange | undefined;
    const tell = () => {
      if (untold) parts.tell(untold);
      untold = undefined;
    };
    while (begun < total && run.failure === undefined) {
      begun += 1;
      try {
        const sent = parts.send(sender, prepared ?? parts.next());
        // while it is on its way: nobody waits for what is told of the one before, and made of the next
        tell();
        prepared = interval === 0 && begun < total ? parts.next() : undefined;
        untold = await sent;
        run.exchanges.push(measured(untold));
        run.negative ||= !isAccepted(untold.acknowledgment);
      } catch (error) {
        run.failure ??= error;
      }
      done += 1;
      if (done === warmUp) {
        run.exchanges = [];
        clock = startClock();
      }
      progress?.update(done);
      if (reconnect) sender[Symbol.dispose]();
      if (interval === 0) continue;
      tell();
      if (begun < total && run.failure === undefined) await pause(interval);
    }
    tell();
  };
  progress?.start(total, 0);
  await Promise.all(Array.from({ length: Math.min(options.connections, total) }, connection));
  progress?.stop();
  return Object.assign(run, clock());
}

const measured = ({ acknowledgment: { code }, durationMs, message }: Exchange) => ({
  code,
  durationMs,
  sizeBytes: message.payload.length,
});

const PROGRESS = "sending {bar} {value}/{total} | {duration_formatted} | {eta_formatted} left";
