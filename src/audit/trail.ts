import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { reasonOf, SafeTunnelError } from "../errors.ts";
import { isTelling, writeAfterTelling } from "../log/afterwards.ts";
import { CURRENT, fullName, trailFiles } from "./files.ts";
import { type AuditEvent, type ChainEnd, recordOf } from "./record.ts";
import { type Aside, findEnd, putAside } from "./resume.ts";

const WINDOW_MS = 20;
/** Between two tries where the disk takes nothing. */
const RETRY_MS = 1000;
const MAX_FILE_BYTES = 16 * 1024 * 1024;
/** How many full files are kept beside the one that is written. */
const KEPT_FILES = 16;
/** How many records wait for a disk that takes none. */
const MOST_WAITING = 10_000;

/** Who hears that the trail cannot be written, once, and that it can again. */
export interface TrailWatcher {
  onFailed(reason: string): void;
  /** `missed` events have no record. */
  onBack(missed: number): void;
}

/**
 * The audit trail of a site: records in the order in which they were told, each with the hash of the one before. They are
 * written together some 20 ms later, so that nobody waits for them; a kill loses those of 20 ms.
 */
export class Trail implements Disposable {
  readonly #directory: string;
  readonly #site: string;
  readonly #watcher: TrailWatcher;
  readonly #maxFileBytes: number;
  #fd: number;
  #bytes: number;
  #end: ChainEnd;
  /** The number of the first record in the file that is written. */
  #firstInFile: number;
  #waiting: AuditEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #failing = false;
  #missed = 0;
  readonly #atExit = () => this.flush();
  readonly #forget: () => void;
  /** Whether there was no record before. */
  readonly isNew: boolean;
  /** How many bytes at the end of the trail were no record, and in which file they are now. */
  readonly aside: Aside | undefined;

  /** Opens the trail of a data directory, and puts aside what is no whole record at its end. Throws `file-unwritable`. */
  constructor(directory: string, site: string, watcher: TrailWatcher, maxFileBytes = MAX_FILE_BYTES) {
    this.#directory = directory;
    this.#site = site;
    this.#watcher = watcher;
    this.#maxFileBytes = maxFileBytes;
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      const found = findEnd(directory);
      this.#end = found.end;
      this.isNew = found.end.sequence === 0;
      this.#firstInFile = found.firstInFile;
      this.aside = putAside(directory, found.soundBytes);
      this.#fd = this.#open();
      this.#bytes = fstatSync(this.#fd).size;
    } catch (cause) {
      throw new SafeTunnelError("file-unwritable", `cannot write the audit trail in ${directory}: ${reasonOf(cause)}`, {
        hint: "set DATA_DIR to a directory that this user may write",
        cause,
      });
    }
    process.on("exit", this.#atExit);
    this.#forget = writeAfterTelling(() => {
      if (!this.#failing) this.flush();
    });
  }

  /** Takes an event in; it never throws. */
  append(event: AuditEvent): void {
    if (this.#waiting.length >= MOST_WAITING) this.#missed += 1;
    else this.#waiting.push(event);
    if (isTelling() && !this.#failing) return;
    this.#timer ??= setTimeout(() => this.flush(), this.#failing ? RETRY_MS : WINDOW_MS).unref();
  }

  /** Writes what waits. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    try {
      if (this.#bytes > this.#maxFileBytes) this.#rotate();
      this.#write();
    } catch (error) {
      if (!this.#failing) this.#watcher.onFailed(reasonOf(error));
      this.#failing = true;
      this.#timer = setTimeout(() => this.flush(), RETRY_MS).unref();
      return;
    }
    if (!this.#failing) return;
    this.#failing = false;
    this.#watcher.onBack(this.#missed);
    this.#missed = 0;
  }

  [Symbol.dispose](): void {
    this.flush();
    clearTimeout(this.#timer);
    process.off("exit", this.#atExit);
    this.#forget();
    closeSync(this.#fd);
  }

  #open(): number {
    return openSync(join(this.#directory, CURRENT), "a", 0o600);
  }

  #write(): void {
    let end = this.#end;
    let text = "";
    for (const event of this.#waiting) {
      const record = recordOf(event, this.#site, end);
      end = record;
      text += record.line;
    }
    const bytes = Buffer.from(text);
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#fd, bytes, done);
    } catch (error) {
      // half a record would be taken for a change
      ftruncateSync(this.#fd, this.#bytes);
      throw error;
    }
    this.#bytes += bytes.length;
    this.#end = end;
    this.#waiting = [];
  }

  /** Begins a new file; the chain goes on in it. */
  #rotate(): void {
    renameSync(join(this.#directory, CURRENT), join(this.#directory, fullName(this.#firstInFile)));
    const next = this.#open();
    closeSync(this.#fd);
    [this.#fd, this.#bytes, this.#firstInFile] = [next, 0, this.#end.sequence + 1];
    const full = trailFiles(this.#directory).slice(0, -1);
    for (const name of full.slice(0, -KEPT_FILES)) rmSync(join(this.#directory, name));
  }
}
