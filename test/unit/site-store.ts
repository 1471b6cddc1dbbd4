import { Journal } from "../../src/store/journal.ts";
import { Outbox } from "../../src/store/outbox.ts";
import type { Retention } from "../../src/store/retention.ts";
import { Store } from "../../src/store/store.ts";
import { Scratch } from "./scratch.ts";

/** The store of a site in a folder of its own. */
export class SiteStore extends Scratch {
  readonly store = Store.open(this.folder, "normal");
  readonly journal: Journal;
  readonly outbox: Outbox;

  constructor(retention: Retention = { keep: 100, keepDays: 1 }) {
    super();
    this.journal = new Journal(this.store, retention);
    this.outbox = new Outbox(this.store, retention);
  }

  override [Symbol.dispose](): void {
    this.store[Symbol.dispose]();
    super[Symbol.dispose]();
  }

  /** Lets the file be read but not be written, or be written again. */
  refuseWrites(refused = true): void {
    this.pragma(`query_only = ${refused}`);
  }

  /** Sets something of the connection, and returns the value that it has. */
  pragma(text: string): unknown {
    const [row] = this.store.prepare(`PRAGMA ${text}`).all();
    return row && Object.values(row)[0];
  }
}
