/** What Buffers are asked to do while this stands: bytes searched, copied and allocated, and how many calls it took. */
export class CountedBytes implements Disposable {
  searched = 0;
  copied = 0;
  allocated = 0;
  calls = 0;
  readonly #restore: (() => void)[] = [];

  constructor() {
    const prototype = Buffer.prototype;
    for (const name of ["indexOf", "includes", "lastIndexOf"] as const)
      this.#wrap(prototype, name, ([, from = 0], found, bytes) => {
        const until = typeof found === "number" && found >= 0 ? found + 1 : bytes.length;
        this.searched += until - Number(from);
      });
    this.#wrap(prototype, "copy", (_, copied) => {
      this.copied += Number(copied);
    });
    this.#wrap(prototype, "set", ([source]) => {
      this.copied += (source as Uint8Array).length;
    });
    this.#wrap(Buffer, "from", (_, made) => {
      this.copied += (made as Buffer).length;
      this.allocated += (made as Buffer).length;
    });
    this.#wrap(Buffer, "concat", (_, made) => {
      this.copied += (made as Buffer).length;
    });
    for (const name of ["alloc", "allocUnsafe", "allocUnsafeSlow"] as const)
      this.#wrap(Buffer, name, (_, made) => {
        this.allocated += (made as Buffer).length;
      });
  }

  /** Returns the counts for each byte of a stream. */
  perByteOf({ length }: Buffer) {
    const { searched, copied, allocated, calls } = this;
    return {
      searched: searched / length,
      copied: copied / length,
      allocated: allocated / length,
      calls: calls / length,
    };
  }

  [Symbol.dispose](): void {
    for (const restore of this.#restore.reverse()) restore();
  }

  #wrap(owner: object, name: string, count: (args: unknown[], result: unknown, bytes: Buffer) => void): void {
    const had = Object.getOwnPropertyDescriptor(owner, name);
    const original = Reflect.get(owner, name) as (...args: unknown[]) => unknown;
    const counted = this;
    Object.defineProperty(owner, name, {
      configurable: true,
      writable: true,
      value(this: Buffer, ...args: unknown[]) {
        const result = original.apply(this, args);
        counted.calls += 1;
        count(args, result, this);
        return result;
      },
    });
    this.#restore.push(() => {
      if (had) Object.defineProperty(owner, name, had);
      else Reflect.deleteProperty(owner, name);
    });
  }
}
