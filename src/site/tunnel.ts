import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { reasonOf, SafeTunnelError } from "../errors.ts";
import { OpenConnections } from "./open-connections.ts";
import { isClient, optionsOf, type StunnelConf } from "./stunnel-conf.ts";
import { OwnProbes, parseTunnelLine, type TunnelLine } from "./tunnel-line.ts";

/** How Stunnel ended: by exit code or by signal. */
export interface TunnelEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
}

const RELOAD_LIMIT_MS = 5000;
const CONFIGURED = /^Configuration successful/;
const BOUND = /^Service \[[^\]]*\] \(FD=\d+\) bound to /;
/** Before it Stunnel has said which port and why, and keeps trying. */
const NOT_BOUND = /^Binding service \[[^\]]*\] failed/;
const BINDING = /^Binding service \[[^\]]*\] to /;
const NOT_RELOADED = /^Failed to reload the configuration file/;

/** A running Stunnel. */
export class Tunnel {
  /** Resolves when Stunnel has ended without having been asked to, or after stop. */
  readonly ended: Promise<TunnelEnd>;
  readonly #end = Promise.withResolvers<TunnelEnd>();
  readonly #onLine: (line: TunnelLine) => void;
  #conf: StunnelConf;
  #process: ChildProcess | undefined;
  #connections = new OpenConnections();
  #restarting = false;
  #stopping = false;
  /** Who waits for Stunnel to say how a start or a reload went. */
  #waiting: ((line: TunnelLine) => void) | undefined;

  private constructor(conf: StunnelConf, onLine: (line: TunnelLine) => void) {
    this.#conf = conf;
    this.#onLine = onLine;
    this.ended = this.#end.promise;
  }

  /** Starts Stunnel and waits until its services listen; `onLine` hears every line of its log. Throws `tunnel-failed`. */
  static async start(conf: StunnelConf, onLine: (line: TunnelLine) => void): Promise<Tunnel> {
    const tunnel = new Tunnel(conf, onLine);
    await tunnel.#spawn();
    return tunnel;
  }

  get running(): boolean {
    return this.#process?.exitCode === null && this.#process.signalCode === null;
  }

  /**
   * Makes Stunnel read its configuration, which is said to be `conf`, and its files again; established connections live
   * on, and so does the old configuration where the new one is refused, but not where a port of it is taken.
   *
   * Throws `tunnel-failed`.
   */
  async reload(conf: StunnelConf): Promise<void> {
    const listening = this.#untilListening(conf);
    this.#process?.kill("SIGHUP");
    await listening.catch((cause) => {
      throw failed(`Stunnel did not reload, ${reasonOf(cause)}`, cause);
    });
    this.#conf = conf;
  }

  /** Ends Stunnel with every connection that it has, and starts it again. Throws `tunnel-failed`. */
  async restart(): Promise<void> {
    this.#restarting = true;
    try {
      await this.#kill();
      // a stop that came meanwhile has the last word
      if (!this.#stopping) await this.#spawn();
    } finally {
      this.#restarting = false;
      if (!this.running) this.#end.resolve({ code: this.#process?.exitCode ?? null, signal: null });
    }
  }

  /** Ends Stunnel once its connections have ended, or after `graceMs`: its own end cuts them, unsent bytes and all. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    if (!this.running) return;
    await this.#connections.none(graceMs);
    await this.#kill();
  }

  async #spawn(): Promise<void> {
    const process = spawn("stunnel", [this.#conf.path], { stdio: ["ignore", "ignore", "pipe"] });
    const ended = Promise.withResolvers<never>();
    process.once("error", (cause) => ended.reject(cause));
    process.once("exit", (code, signal) => {
      ended.reject(new Error(signal ? `signal ${signal}` : `exit code ${code}`));
      if (!this.#restarting) this.#end.resolve({ code, signal });
    });
    // once it runs, its end is told by `ended` alone
    ended.promise.catch(() => {});
    this.#process = process;
    this.#connections = new OpenConnections();
    const probes = new OwnProbes(tlsServicesOf(this.#conf));
    // the first, since the others only say what it led to
    let firstError: string | undefined;
    createInterface({ input: process.stderr }).on("line", (text) => {
      const line = probes.quiet(parseTunnelLine(text));
      if (isOfConfiguration(line)) firstError ??= line.text;
      this.#connections.hear(line);
      this.#waiting?.(line);
      this.#onLine(line);
    });
    await Promise.race([this.#untilListening(this.#conf), ended.promise]).catch(async (cause) => {
      await this.#kill();
      throw failed(`Stunnel did not start: ${reasonOf(cause)}, ${firstError ?? "it said nothing"}`, cause);
    });
  }

  /** Waits until Stunnel says that it listens on the ports of all its services. */
  async #untilListening(conf: StunnelConf): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let bound = 0;
    let why: string | undefined;
    this.#waiting = (line) => {
      const { text } = line;
      if (isOfConfiguration(line) || BINDING.test(text)) why ??= text;
      if (NOT_RELOADED.test(text)) reject(new Error(`it goes on with what it has: ${why}`));
      if (NOT_BOUND.test(text)) reject(new Error(`it listens on none of its ports until this one is free: ${why}`));
      if (BOUND.test(text)) bound += 1;
      if (tellsPorts(conf) ? bound === portsOf(conf) : CONFIGURED.test(text)) resolve();
    };
    const none = `no word from it within ${RELOAD_LIMIT_MS} ms, does stunnel.conf set "debug = info"`;
    const limit = setTimeout(() => reject(new Error(none)), RELOAD_LIMIT_MS);
    await promise.finally(() => {
      clearTimeout(limit);
      this.#waiting = undefined;
    });
  }

  async #kill(): Promise<void> {
    if (!this.#process || !this.running) return;
    // "close" comes when its last line has been read as well
    const closed = once(this.#process, "close");
    this.#process.kill("SIGTERM");
    await closed;
  }
}

/** Stunnel names the ports that it listens on at the level of info; in an included file there may be more of them. */
const tellsPorts = ({ global }: StunnelConf): boolean =>
  /^(?:[67]|info|debug)$/.test(global.get("debug")?.at(-1) ?? "") && !global.has("include");

/** How many places Stunnel listens on: a service may have several. */
const portsOf = (conf: StunnelConf): number =>
  [...conf.services.values()].reduce((sum, own) => sum + (optionsOf(conf, own).get("accept")?.length ?? 0), 0);

/** Errors of connections come between those of a reload, and have a number. */
const isOfConfiguration = ({ level, connection }: TunnelLine) => level === "error" && !/^\d+$/.test(connection);

/** Returns the names of the services that accept TLS. */
export const tlsServicesOf = (conf: StunnelConf): string[] =>
  [...conf.services].filter(([, options]) => !isClient(optionsOf(conf, options))).map(([name]) => name);

const failed = (what: string, cause: unknown) =>
  new SafeTunnelError("tunnel-failed", what, {
    hint: "stunnel.log has its own words; see stunnel.conf and the files in /certs",
    cause,
  });
