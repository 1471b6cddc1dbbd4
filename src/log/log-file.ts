import { closeSync, fstatSync, mkdirSync, openSync, renameSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { reasonOf, SafeTunnelError } from "../errors.ts";

const MAX_FILE_BYTES = 10 * 1024 * 1024;

/** A file that lines are appended to, by several processes at once; at its limit it becomes `<name>.1`. */
export class LogFile {
  readonly #path: string;
  #fd: number;
  #bytes: number;

  /** Opens it. Throws `file-unwritable`. */
  constructor(directory: string, name: string) {
    this.#path = join(directory, name);
    try {
      mkdirSync(directory, { recursive: true });
      this.#fd = openSync(this.#path, "a", 0o640);
      this.#bytes = fstatSync(this.#fd).size;
    } catch (cause) {
      throw new SafeTunnelError("file-unwritable", `cannot write the log ${this.#path}: ${reasonOf(cause)}`, {
        hint: "set DATA_DIR to a directory that this user may write",
        cause,
      });
    }
  }

  /** Appends whole lines in one write, so that those of another process stay whole too. */
  write(lines: string): void {
    if (this.#bytes > MAX_FILE_BYTES) attempt(() => this.#rotate());
    attempt(() => {
      this.#bytes += writeSync(this.#fd, lines);
    });
  }

  #rotate(): void {
    // another process may have rotated already: then the file at this path is young
    const young = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
    if (young > MAX_FILE_BYTES) renameSync(this.#path, `${this.#path}.1`);
    const next = openSync(this.#path, "a", 0o640);
    closeSync(this.#fd);
    this.#fd = next;
    this.#bytes = fstatSync(next).size;
  }
}

/** A full disk must not stop the exchange of messages; a site tells each line on standard output as well. */
function attempt(action: () => void): void {
  try {
    action();
  } catch {}
}
