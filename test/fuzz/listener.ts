import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { Scratch } from "../unit/scratch.ts";
import { MAX_PAYLOAD_BYTES } from "./messages.ts";

/** How many accepted messages its journal keeps: enough that what is sent again is never one that it had to forget. */
export const JOURNAL_KEEP = 5000;

const COMMAND = fileURLToPath(new URL("../../src/bin/listen.ts", import.meta.url));
/** A heap that is collected often: then what grows is what is kept. */
const SMALL_HEAP = ["--max-old-space-size=64", "--max-semi-space-size=1"];
const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 15_000;

/** A message in its journal that was accepted. */
export interface Row {
  id: number;
  payload: Uint8Array;
  answer: Uint8Array;
}

/** The command "listen" of DPI as a process of its own, with a journal of its own. */
export class Listener implements AsyncDisposable {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #scratch: Scratch;
  readonly #database: DatabaseSync;
  readonly #said: string[];
  #lastId = 0;

  private constructor(child: ChildProcess, scratch: Scratch, port: number, said: string[]) {
    this.#child = child;
    this.#scratch = scratch;
    this.port = port;
    this.#said = said;
    this.#database = new DatabaseSync(scratch.path("site.db"), { readOnly: true, timeout: 5000 });
  }

  /** Starts a listener, which may be asked to misbehave, and returns once it listens. */
  static async start(answer?: string): Promise<Listener> {
    const scratch = new Scratch();
    const env = {
      PATH: process.env.PATH,
      SITE: "dpi",
      DATA_DIR: scratch.folder,
      MAX_PAYLOAD_BYTES: String(MAX_PAYLOAD_BYTES),
      JOURNAL_KEEP: String(JOURNAL_KEEP),
    };
    const options = ["--port", "0", "--json", ...(answer ? ["--answer", answer] : [])];
    const child = spawn(process.execPath, [...SMALL_HEAP, COMMAND, ...options], {
      env,
      stdio: ["ignore", "ignore", "pipe"],
      // Ctrl-C is for the run, which then ends the listener
      detached: true,
    });
    const said: string[] = [];
    child.stderr.setEncoding("utf8").on("data", (text: string) => said.push(text));
    try {
      const signal = AbortSignal.timeout(START_LIMIT_MS);
      let port: string | undefined;
      while (port === undefined) {
        await Promise.race([once(child.stderr, "data", { signal }), once(child, "exit", { signal })]);
        if (!isAlive(child)) throw new Error(`the listener did not start: ${said.join("")}`);
        port = /^listening on 127\.0\.0\.1:(\d+) .*\n/.exec(said.join(""))?.[1];
      }
      return new Listener(child, scratch, Number(port), said);
    } catch (error) {
      child.kill("SIGKILL");
      scratch[Symbol.dispose]();
      throw error;
    }
  }

  /** Returns what was accepted into the journal since the last call. */
  newRows(): Row[] {
    const rows = this.#database
      .prepare("SELECT id, payload, answer FROM journal WHERE id > ? AND code IN ('AA', 'CA') ORDER BY id")
      .all(this.#lastId) as unknown as Row[];
    this.#lastId = rows.at(-1)?.id ?? this.#lastId;
    return rows;
  }

  /** Says what is wrong with the process itself: it ended, or it said more than that it listens. */
  fault(): string | undefined {
    const { exitCode, signalCode } = this.#child;
    const said = this.#said.join("").split("\n").slice(1).join(" ").trim().slice(0, 1000);
    if (!isAlive(this.#child)) return `the listener ended with ${signalCode ?? exitCode}: ${said || "nothing said"}`;
    return said === "" ? undefined : `the listener said on standard error: ${said}`;
  }

  /** Its resident memory, as Linux tells it. */
  residentBytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  /** Asks it to end as Docker would, and returns what was wrong with that. */
  async stop(): Promise<string | undefined> {
    if (!isAlive(this.#child)) return this.fault();
    const ended = once(this.#child, "exit", { signal: AbortSignal.timeout(STOP_LIMIT_MS) });
    this.#child.kill("SIGTERM");
    try {
      const [code, signal] = await ended;
      return code === 0 ? undefined : `the listener ended with ${signal ?? code} after SIGTERM`;
    } catch {
      return `the listener did not end within ${STOP_LIMIT_MS / 1000} s of SIGTERM`;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#database.close();
    if (isAlive(this.#child)) {
      const ended = once(this.#child, "exit");
      this.#child.kill("SIGKILL");
      await ended;
    }
    this.#scratch[Symbol.dispose]();
  }
}

const isAlive = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;
