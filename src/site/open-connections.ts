import { ENDED, type TunnelLine } from "./tunnel-line.ts";

const BEGUN = /^Service \[[^\]]*\] accepted connection/;

/** Knows which connections Stunnel has open, by its own log: it writes an end only when all bytes have left. */
export class OpenConnections {
  readonly #open = new Set<string>();
  #empty: () => void = () => {};

  /** Hears a line of the log. */
  hear({ connection, text }: Pick<TunnelLine, "connection" | "text">): void {
    if (BEGUN.test(text)) this.#open.add(connection);
    else if (ENDED.test(text)) this.#open.delete(connection);
    if (this.#open.size === 0) this.#empty();
  }

  /** Waits until none is open, at most so long. */
  async none(withinMs: number): Promise<void> {
    if (this.#open.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#empty = resolve;
    const timer = setTimeout(resolve, withinMs);
    await promise;
    clearTimeout(timer);
  }
}
