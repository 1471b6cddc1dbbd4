import { isTelling, writeAfterTelling } from "./afterwards.ts";

const WINDOW_MS = 20;
const MOST_CHARACTERS = 64 * 1024;

const open = new Set<Batch>();
process.on("exit", () => {
  for (const batch of open) batch.flush();
});

/**
 * Hands lines on: one at once, and those that come within 20 ms of it together, since each write costs more than its
 * line. A process that ends by itself writes them first; one that is killed loses lines of 20 ms, and no message. What is
 * told of many messages at once is written behind all of it.
 */
export class Batch {
  readonly #write: (text: string) => void;
  #text = "";
  #waits = false;

  constructor(write: (text: string) => void) {
    this.#write = write;
    open.add(this);
    writeAfterTelling(() => this.flush());
  }

  write(line: string): void {
    if (!this.#waits && !isTelling()) {
      this.#write(line);
      this.#wait();
      return;
    }
    this.#text += line;
    if (this.#text.length > MOST_CHARACTERS) this.flush();
  }

  flush(): void {
    if (this.#text === "") return;
    const text = this.#text;
    this.#text = "";
    this.#write(text);
  }

  #wait(): void {
    this.#waits = true;
    const timer = setTimeout(() => {
      this.#waits = this.#text !== "";
      this.flush();
      if (this.#waits) this.#wait();
    }, WINDOW_MS);
    // what is left is written when the process ends
    timer.unref();
  }
}
