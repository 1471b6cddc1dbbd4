import { existsSync, statSync } from "node:fs";
import { SafeTunnelError } from "../errors.ts";
import type { Reserve } from "./reserve.ts";

/** What was seen of the disk under a store; `noRoom` says why nothing may be written that needs room. */
interface Seen {
  freeBytes: number;
  noRoom?: unknown;
}

/** In a row of commits one look at the room serves several, for it costs as much as a tenth of a commit. */
const COMMITS_A_LOOK = 8;
const LOOK_MS = 50;

/** Looks at the disk under the file of a store, before that is written to. */
export class Disk {
  readonly #path: string;
  readonly #inode: number;
  readonly #reserve: Reserve;
  #seen: Seen = { freeBytes: 0 };
  #seenAtMs = Number.NEGATIVE_INFINITY;
  #commits = 0;
  #wasMisplaced = false;

  constructor(path: string, reserve: Reserve) {
    this.#path = path;
    this.#inode = statSync(path).ino;
    this.#reserve = reserve;
  }

  /** Returns what room there is; `onLook` hears of it where that was not seen just now. */
  room(onLook: () => void): Seen {
    this.#commits += 1;
    const atMs = performance.now();
    const isFresh = this.#commits < COMMITS_A_LOOK && atMs - this.#seenAtMs < LOOK_MS;
    if (isFresh && !this.#seen.noRoom) return this.#seen;
    onLook();
    this.#seenAtMs = atMs;
    this.#commits = 0;
    this.#seen = this.#reserve.look();
    return this.#seen;
  }

  /** How many bytes the file has, with SQLite's log beside it. */
  get sizeBytes(): number {
    const sizes = [this.#path, `${this.#path}-wal`].map((path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0);
    return sizes.reduce((sum, size) => sum + size);
  }

  /** Throws where SQLite would write to a file that was moved or deleted, where nobody will find it. */
  requireInPlace(): void {
    // that it is there is asked each time; that it is the same file, which costs more, with each look
    if (this.#commits > 0 && !this.#wasMisplaced && existsSync(this.#path)) return;
    this.#wasMisplaced = statSync(this.#path, { throwIfNoEntry: false })?.ino !== this.#inode;
    if (!this.#wasMisplaced) return;
    throw new SafeTunnelError("store-failed", `${this.#path} was moved or deleted while it was open`, {
      hint: "put it back, or start the site anew with what is there now",
    });
  }
}
