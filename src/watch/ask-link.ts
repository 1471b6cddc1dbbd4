import { connect } from "node:net";
import { meaningsOf } from "../check/dictionary/dictionary.ts";
import { type Own, whyRefused } from "../check/place/why-refused.ts";
import { type Endpoint, placeOf } from "../mllp/endpoint.ts";
import { ACCEPTED, ENDED, type TunnelLine } from "../site/tunnel-line.ts";
import type { Observer } from "./observer.ts";

/** What a connection through the tunnel came to, without a message on it. */
export interface LinkAnswer {
  stands: boolean;
  /** Who refused whom and why, or how far it came. */
  words: string;
  hint?: string | undefined;
}

/**
 * Where its connection comes from, by which its lines are known: one that is reset at once has no port of ours any more.
 * All of 127/8 is this machine, and senders come from 127.0.0.1.
 */
const FROM = "127.0.0.3";
/** How long a connection has to stand: in TLS 1.3 the far side refuses us only when ours is done. */
const HOLD_MS = 1000;
/** Above the limit that our Stunnel has for the connection (TIMEOUTconnect), so that its word comes first. */
const LIMIT_MS = 12_000;
/** By how much the last lines of a connection may come behind its end. */
const LINES_LATE_MS = 1000;
const TLS_STANDS = /^TLS connected/;

/** The leg that is asked. */
export interface LinkSource {
  /** The plain port of our own Stunnel. */
  endpoint: Endpoint;
  /** The service of Stunnel behind it. */
  service: () => string | undefined;
  /** The name of the site at the other end. */
  peer: string;
  /** What we show it and believe; undefined until that is read. */
  own: () => Own | undefined;
}

type End = "open" | "ended" | "silent" | "refused";

/** Asks whether the other side takes a connection through our own tunnel, and reads in Stunnel's lines why it does not. */
export class LinkAsker implements Partial<Observer> {
  readonly #source: LinkSource;
  readonly #limits: { holdMs: number; limitMs: number };
  /** The connection that it asks with, once Stunnel has named it, and what Stunnel says of that. */
  #asking: { connection?: string; lines: string[] } | undefined;
  #onLine: () => void = () => {};

  constructor(source: LinkSource, limits = { holdMs: HOLD_MS, limitMs: LIMIT_MS }) {
    this.#source = source;
    this.#limits = limits;
  }

  tunnelLine({ connection, text }: TunnelLine): void {
    if (!this.#asking) return;
    const [, service, from] = ACCEPTED.exec(text) ?? [];
    if (service === this.#source.service() && from?.startsWith(`${FROM}:`)) this.#asking.connection = connection;
    else if (connection === this.#asking.connection) this.#asking.lines.push(text);
    this.#onLine();
  }

  /** Opens a connection, holds it for a while, and returns what came of it. */
  async ask(): Promise<LinkAnswer> {
    const lines: string[] = [];
    this.#asking = { lines };
    const { promise, resolve } = Promise.withResolvers<End>();
    const timers = [setTimeout(() => resolve("silent"), this.#limits.limitMs)];
    const socket = connect({ ...this.#source.endpoint, localAddress: FROM });
    socket
      .on("data", () => {})
      .on("end", () => resolve("ended"))
      .on("error", ({ code }: NodeJS.ErrnoException) =>
        resolve(code === "ECONNRESET" || code === "EPIPE" ? "ended" : "refused"),
      );
    this.#onLine = () => {
      if (timers.length === 1 && lines.some((line) => TLS_STANDS.test(line)))
        timers.push(setTimeout(() => resolve("open"), this.#limits.holdMs));
    };
    const end = await promise;
    for (const timer of timers) clearTimeout(timer);
    if (end === "ended") await this.#untilTold(lines);
    socket.destroy();
    const answer = this.#judge(end, lines);
    this.#onLine = () => {};
    this.#asking = undefined;
    return answer;
  }

  async #untilTold(lines: string[]): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, LINES_LATE_MS);
    this.#onLine = () => {
      if (lines.some((line) => ENDED.test(line))) resolve();
    };
    this.#onLine();
    await promise;
    clearTimeout(timer);
  }

  #judge(end: End, lines: string[]): LinkAnswer {
    const { peer, endpoint, own } = this.#source;
    if (end === "open") return { stands: true, words: `a connection to ${peer} stands through the tunnel` };
    if (end === "refused")
      return {
        stands: false,
        words: `our own Stunnel does not listen on ${placeOf(endpoint)}`,
        hint: "start it, and read its first lines: it says why where it cannot start",
      };
    const meanings = lines.flatMap((line) => meaningsOf(line));
    const refusal = meanings.find(({ refusedBy }) => refusedBy);
    if (refusal?.refusedBy === "here")
      return { stands: false, words: `our Stunnel refused ${peer}: ${refusal.plain.en}`, hint: refusal.next.en };
    if (refusal) {
      const shown = own();
      const { plain, next } = shown ? whyRefused(refusal, shown, new Date()) : refusal;
      return { stands: false, words: `${peer} refused us with "${refusal.said}": ${plain.en}`, hint: next.en };
    }
    if (end === "ended" && lines.some((line) => TLS_STANDS.test(line)))
      return {
        stands: false,
        words: `the tunnel to ${peer} stands, but the application behind it does not take the connection`,
        hint: "start the peer's application: its Stunnel logs to which address it could not connect",
      };
    const trouble = meanings.find(({ causes: [cause] }) => cause !== "harmless" && cause !== "no-proof");
    const why = trouble ? `: ${trouble.plain.en}` : "";
    const limit = `within ${this.#limits.limitMs / 1000} s`;
    const what = end === "silent" ? `no TLS with ${peer} ${limit}` : `our Stunnel has no connection to ${peer}`;
    return { stands: false, words: `${what}${why}`, hint: trouble?.next.en ?? 'see what "check" says of this leg' };
  }
}
