import { existsSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SafeTunnelError } from "../errors.ts";

const MIB = 1024 * 1024;
/** What a commit may need that makes room: SQLite's log (WAL) goes up to 4 MiB, and the file may grow by as much. */
const RESERVE_BYTES = 6 * MIB;
/** What has to be free for new messages, so that these do not fill the disk to its end. */
const LEAST_FREE_BYTES = 8 * MIB;

/** Room on the disk of a data directory for the moment when it is full, since what makes room needs a little itself. */
export class Reserve {
  readonly #dataDir: string;
  readonly #path: string;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
    this.#path = join(dataDir, "reserve");
  }

  /** Whether the room is taken; any process of the site may have given it back. */
  get isThere(): boolean {
    return existsSync(this.#path);
  }

  /** Takes the room where the disk has it. */
  restore(): void {
    try {
      if (this.isThere || this.#freeBytes() < LEAST_FREE_BYTES + RESERVE_BYTES) return;
      writeFileSync(this.#path, Buffer.alloc(RESERVE_BYTES), { mode: 0o600 });
    } catch {
      // without it nothing else is worse than before
    }
  }

  /** Gives the room back. */
  spend(): void {
    rmSync(this.#path, { force: true });
  }

  /** Returns how much is free, and why nothing may be written that needs room: what is left is for what makes some. */
  look(): { freeBytes: number; noRoom?: unknown } {
    try {
      const freeBytes = this.#freeBytes();
      if (freeBytes >= LEAST_FREE_BYTES) return { freeBytes };
      const what = `the disk is full: ${freeBytes} bytes are free in ${this.#dataDir}`;
      const hint = `give the disk of DATA_DIR room: ${LEAST_FREE_BYTES} bytes are the least for new messages`;
      return { freeBytes, noRoom: new SafeTunnelError("store-failed", what, { hint }) };
    } catch (noRoom) {
      return { freeBytes: 0, noRoom };
    }
  }

  /** Does what may need room; where it fails, once more with the reserve. */
  use<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (!this.isThere) throw error;
      this.spend();
      return action();
    }
  }

  #freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.#dataDir);
    return bavail * bsize;
  }
}
