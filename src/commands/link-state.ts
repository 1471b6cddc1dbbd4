import { reasonOf, type SafeTunnelError } from "../errors.ts";
import type { Log, LogFacts } from "../log/log.ts";

/** Says when a link goes and when it comes back, once each. */
export class LinkState {
  readonly #log: Log;
  readonly #place: string;
  #downSinceMs: number | undefined;
  #everUp = false;

  constructor(log: Log, place: string) {
    this.#log = log;
    this.#place = place;
  }

  lost(error: SafeTunnelError): void {
    if (this.#downSinceMs !== undefined) return;
    this.#downSinceMs = performance.now();
    const facts: LogFacts = { event: "link-lost", code: error.code, hint: error.hint };
    const what = this.#everUp ? "lost" : "not up yet";
    this.#log.warn(facts, `link through ${this.#place} ${what}: ${reasonOf(error)} (hint: ${error.hint})`);
  }

  answered(): void {
    const first = !this.#everUp;
    this.#everUp = true;
    if (this.#downSinceMs === undefined) return;
    const downMs = Math.round(performance.now() - this.#downSinceMs);
    this.#downSinceMs = undefined;
    this.#log.info(
      { event: "link-back", downMs },
      `link through ${this.#place} is ${first ? "up" : "back"} after ${downMs} ms`,
    );
  }
}
