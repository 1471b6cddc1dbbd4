import type { Message } from "../hl7/message.ts";
import { nameOf } from "../hl7/text.ts";
import type { Outbox } from "../store/outbox.ts";
import { paint, print } from "../terminal.ts";
import { pauseUnlessStopped } from "./stop.ts";

const POLL_MS = 100;

/** Tells what becomes of messages in the outbox that another process sends. */
export class Watch {
  readonly #outbox: Outbox;
  /** What is told of each, by its number; not its payload, since an outage may keep thousands waiting. */
  readonly #watched = new Map<number, string>();
  #silent = false;

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  add = (id: number, message: Message): void => {
    if (!this.#silent) this.#watched.set(id, `${nameOf(message)}, ${message.payload.length} bytes`);
  };

  /** Leaves the telling to the sender's own log, from now on. */
  silence(): void {
    this.#silent = true;
    this.#watched.clear();
  }

  /** Looks until the stop, and once more behind it. Throws `store-failed`. */
  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await pauseUnlessStopped(POLL_MS, stop);
      for (const [id, name] of this.#watched) {
        // the outbox is drained in order: nothing is known yet of what stands behind one that waits
        if (!this.#tell(id, name)) break;
        this.#watched.delete(id);
      }
    }
  }

  #tell(id: number, name: string): boolean {
    const outcome = this.#outbox.outcome(id);
    if (outcome === "gone")
      print(`${paint("yellow", "gone")}  ${name}: dropped, or acknowledged too long ago to be kept`);
    else if ("code" in outcome) print(`sent ${name}: acknowledged ${outcome.code} in ${outcome.durationMs} ms`);
    else if (outcome.setAsideAtMs !== null) print(`${paint("red", "set aside")}  ${name}: ${outcome.reason}`);
    else return false;
    return true;
  }
}
