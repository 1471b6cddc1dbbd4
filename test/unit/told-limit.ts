import { vi } from "vitest";

/** Lets the limit of the exchange at hand pass when a test says so, and never by itself. */
export class ToldLimit implements Disposable {
  #last = new AbortController();
  readonly #timeout = vi.spyOn(AbortSignal, "timeout").mockImplementation(() => {
    this.#last = new AbortController();
    return this.#last.signal;
  });

  pass(): void {
    this.#last.abort();
  }

  [Symbol.dispose](): void {
    this.#timeout.mockRestore();
  }
}
