import { existsSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const RESERVE_BYTES = 1024 * 1024;
/** How much has to be free where a reserve is made. */
const ROOM_BYTES = 8 * RESERVE_BYTES;

/** Room on the disk of a data directory for the moment when it is full, since what makes room needs a little itself. */
export class Reserve {
  readonly #dataDir: string;
  readonly #path: string;
  #isThere: boolean;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
    this.#path = join(dataDir, "reserve");
    this.#isThere = existsSync(this.#path);
  }

  /** Takes the room where it is not taken, and the disk has plenty. */
  restore(): void {
    if (this.#isThere) return;
    try {
      const { bavail, bsize } = statfsSync(this.#dataDir);
      if (bavail * bsize < ROOM_BYTES) return;
      writeFileSync(this.#path, Buffer.alloc(RESERVE_BYTES), { mode: 0o600 });
      this.#isThere = true;
    } catch {
      // without it nothing else is worse than before
    }
  }

  /** Gives the room back. */
  spend(): void {
    rmSync(this.#path, { force: true });
    this.#isThere = false;
  }

  /** Does what may need room; where it fails, once more with the reserve. */
  use<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (!this.#isThere) throw error;
      this.spend();
      return action();
    }
  }
}
