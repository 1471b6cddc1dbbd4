/** One time limit over everything that belongs to an exchange. */
export class Deadline implements Disposable {
  readonly timeoutMs: number;
  /** Is called when the limit passes; who waits sets it, and one at a time does. */
  onPass: () => void = () => {};
  readonly #timer: NodeJS.Timeout;
  #passed = false;

  private constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
    this.#timer = setTimeout(() => this.pass(), timeoutMs).unref();
  }

  /** Starts a limit; one that is not disposed of keeps no process alive. */
  static start(timeoutMs: number): Deadline {
    return new Deadline(timeoutMs);
  }

  get passed(): boolean {
    return this.#passed;
  }

  /** Ends the time that is left. */
  pass(): void {
    this.#passed = true;
    this.onPass();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
