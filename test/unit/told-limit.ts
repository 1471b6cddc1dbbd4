import { vi } from "vitest";
import { Deadline } from "../../src/mllp/deadline.ts";

const FOR_EVER_MS = 2 ** 31 - 1;

/** Lets the limit of the exchange at hand pass when a test says so, and never by itself. */
export class ToldLimit implements Disposable {
  #last: Deadline | undefined;
  readonly #start: ReturnType<typeof vi.spyOn>;

  constructor() {
    const start = Deadline.start.bind(Deadline);
    this.#start = vi.spyOn(Deadline, "start").mockImplementation((timeoutMs) => {
      this.#last = Object.assign(start(FOR_EVER_MS), { timeoutMs });
      return this.#last;
    });
  }

  pass(): void {
    this.#last?.pass();
  }

  [Symbol.dispose](): void {
    this.#start.mockRestore();
  }
}
