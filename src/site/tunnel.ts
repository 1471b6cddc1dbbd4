import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { access, constants, readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { reasonOf, SafeTunnelError } from "../errors.ts";
import { OpenConnections } from "./open-connections.ts";

/** A line of Stunnel's log: its own level (LOG3 error … LOG7 debug), connection and text. */
export interface TunnelLine {
  level: "error" | "warn" | "info" | "debug";
  connection: string;
  text: string;
}

/** How Stunnel ended: by exit code or by signal. */
export interface TunnelEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
}

const LEVELS = ["error", "error", "error", "error", "warn", "info", "debug", "debug"] as const;
const LOGGED = /^(?:[\d.]+ [\d:]+ )?LOG([0-7])\[([^\]]*)\]: (.*)$/;
/** Before its log is set up Stunnel marks a line with a sign instead of a level. */
const MARKS: Record<string, TunnelLine["level"]> = { "!": "error", ":": "warn", ".": "info", " ": "debug" };
const MARKED = /^\[([!:. ])\] (.*)$/;
/** Stunnel 5.74 logs this at LOG3 on every full handshake as a client; nothing is wrong. */
const HARMLESS = /^OCSP: No OCSP stapling response received/;

/** Reads a line as Stunnel writes it to standard error. */
export function parseTunnelLine(line: string): TunnelLine {
  const [, level, connection = "", text = ""] = LOGGED.exec(line) ?? [];
  if (level !== undefined)
    return { level: HARMLESS.test(text) ? "debug" : (LEVELS[Number(level)] ?? "info"), connection, text };
  const [, mark = " ", rest = line] = MARKED.exec(line) ?? [];
  return { level: MARKS[mark] ?? "info", connection: "", text: rest };
}

/** A running Stunnel. */
export class Tunnel {
  /** Resolves when Stunnel has ended, for whatever reason. */
  readonly ended: Promise<TunnelEnd>;
  readonly #process: ChildProcess;
  readonly #connections: OpenConnections;

  private constructor(process: ChildProcess, connections: OpenConnections, ended: Promise<TunnelEnd>) {
    this.#process = process;
    this.#connections = connections;
    this.ended = ended;
  }

  /**
   * Starts Stunnel and waits until its services listen; `onLine` hears every line of its log.
   * Throws `file-unreadable`, `tunnel-failed`.
   */
  static async start(configPath: string, onLine: (line: TunnelLine) => void): Promise<Tunnel> {
    await requireFiles(configPath);
    const process = spawn("stunnel", [configPath], { stdio: ["ignore", "ignore", "pipe"] });
    const ended = Promise.withResolvers<TunnelEnd>();
    process.once("error", (cause) => ended.reject(failed(reasonOf(cause), cause)));
    process.once("exit", (code, signal) => ended.resolve({ code, signal }));
    const ready = Promise.withResolvers<void>();
    const connections = new OpenConnections();
    let lastError = "it said nothing";
    createInterface({ input: process.stderr }).on("line", (line) => {
      const parsed = parseTunnelLine(line);
      if (parsed.level === "error") lastError = parsed.text;
      if (parsed.text.startsWith("Configuration successful")) ready.resolve();
      connections.hear(parsed);
      onLine(parsed);
    });
    const refused = ended.promise.then(({ code }) => Promise.reject(failed(`exit code ${code}, ${lastError}`)));
    // once it runs, its end is told by `ended` alone
    refused.catch(() => {});
    await Promise.race([ready.promise, refused]);
    return new Tunnel(process, connections, ended.promise);
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Makes Stunnel read its configuration and certificates again; established connections live on. */
  reload(): void {
    this.#process.kill("SIGHUP");
  }

  /** Ends Stunnel once its connections have ended, or after `graceMs`: its own end cuts them, unsent bytes and all. */
  async stop(graceMs: number): Promise<void> {
    if (!this.running) return;
    await this.#connections.none(graceMs);
    const exit = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    await exit;
  }
}

async function requireFiles(configPath: string): Promise<void> {
  const config = await readFile(configPath, "utf8").catch((cause) => {
    throw unreadable(configPath, cause, "see that the image holds the site's folder");
  });
  for (const [, path = ""] of config.matchAll(/^(?:cert|key|CAfile|CRLfile)\s*=\s*(\S+)/gm))
    await access(path, constants.R_OK).catch((cause) => {
      const who = `user ${process.getuid?.()}`;
      throw unreadable(path, cause, `make it with "docker compose run --rm certs", and let ${who} read it`);
    });
}

const unreadable = (path: string, cause: unknown, hint: string) =>
  new SafeTunnelError("file-unreadable", `cannot read ${path}, which Stunnel needs: ${reasonOf(cause)}`, {
    hint,
    cause,
  });

const failed = (why: string, cause?: unknown) =>
  new SafeTunnelError("tunnel-failed", `Stunnel did not start: ${why}`, {
    hint: "stunnel.log has its own words; see stunnel.conf and the files in /certs",
    cause,
  });
