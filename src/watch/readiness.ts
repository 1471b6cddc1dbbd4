import { timeToTellMs } from "../log/afterwards.ts";
import type { LinkAnswer } from "./ask-link.ts";
import type { ExchangedFact, FailedFact, LostFact, Observer } from "./observer.ts";

/** Whether the other side answers, in words. */
export interface Verdict {
  ready: boolean;
  verdict: string;
  hint?: string | undefined;
  /** Since when it is as it is. */
  since: string;
  /** What the verdict does not prove. */
  notProven?: string | undefined;
  /** When the other side last acknowledged a message, as far as this process knows. */
  lastAcknowledgment?: string | undefined;
}

/** What readiness is made of. */
export interface ReadinessSource {
  /** How often the send loop sends; undefined where it is off. */
  everyMs: number | undefined;
  /** Whether an engine sends, whose exchanges are not seen here. */
  engineSends?: boolean;
  /** Asks the link without sending a message. */
  askLink: () => Promise<LinkAnswer>;
  /** Hears what came of that where no exchange says more. */
  onAsked: (isUp: boolean) => void;
}

interface Ended {
  answered: boolean;
  words: string;
  hint?: string | undefined;
  atMs: number;
}

const LEAST_FRESH_MS = 30_000;
const INTERVALS_FRESH = 3;
/** However often it is asked, the link is not. */
const ASK_EVERY_MS = 10_000;

/** Knows whether the other side answers: by the last exchange while that is fresh, else by asking the link itself. */
export class Readiness implements Partial<Observer> {
  readonly #source: ReadinessSource;
  readonly #freshMs: number;
  #last: Ended | undefined;
  #lastAcknowledgedAtMs: number | undefined;
  #ready: boolean | undefined;
  #sinceMs = Date.now();
  #asked: { answer: Promise<LinkAnswer>; endedAtMs: number } | undefined;

  constructor(source: ReadinessSource) {
    this.#source = source;
    this.#freshMs = Math.max(LEAST_FRESH_MS, INTERVALS_FRESH * (source.everyMs ?? 0));
  }

  exchanged({ type, code, durationMs }: ExchangedFact): void {
    const atMs = timeToTellMs();
    this.#lastAcknowledgedAtMs = atMs;
    this.#last = { answered: true, words: `${type} was answered ${code} in ${Math.round(durationMs)} ms`, atMs };
    this.#turn(true);
  }

  exchangeFailed(fact: FailedFact): void {
    if (fact.sendable) this.linkLost(fact);
  }

  linkLost({ reason, hint }: LostFact): void {
    this.#last = { answered: false, words: reason, hint, atMs: timeToTellMs() };
    this.#turn(false);
  }

  /** Returns the verdict of this moment. */
  async ask(): Promise<Verdict> {
    const last = this.#fresh();
    if (last?.answered) return this.#verdict(true, { verdict: `${last.words}, at ${timeOf(last.atMs)}` });
    const link = await this.#askLink();
    const since = this.#lastAcknowledgedAtMs;
    const none = `no message was acknowledged since ${since === undefined ? "the site started" : timeOf(since)}`;
    const unproven = this.#source.engineSends ? "an engine sends here, and its exchanges are not seen" : none;
    // a failure that nothing will try again is no word on this moment
    if (last && this.#source.everyMs !== undefined && link.stands)
      return this.#verdict(false, {
        verdict: `${last.words}; ${link.words} now, and ${unproven}`,
        hint: last.hint,
      });
    this.#turn(link.stands);
    this.#source.onAsked(link.stands);
    const { words, hint } = link;
    return this.#verdict(link.stands, { verdict: words, hint, ...(link.stands && { notProven: unproven }) });
  }

  #fresh(): Ended | undefined {
    return this.#last && Date.now() - this.#last.atMs < this.#freshMs ? this.#last : undefined;
  }

  /** Asks the link, and lets all who ask within the next seconds share what it says. */
  #askLink(): Promise<LinkAnswer> {
    if (this.#asked && performance.now() < this.#asked.endedAtMs + ASK_EVERY_MS) return this.#asked.answer;
    const asked = { answer: this.#source.askLink(), endedAtMs: Number.POSITIVE_INFINITY };
    const end = () => {
      asked.endedAtMs = performance.now();
    };
    asked.answer.then(end, end);
    this.#asked = asked;
    return asked.answer;
  }

  #turn(ready: boolean): void {
    if (ready !== this.#ready) this.#sinceMs = Date.now();
    this.#ready = ready;
  }

  #verdict(ready: boolean, said: Pick<Verdict, "verdict" | "hint" | "notProven">): Verdict {
    const { verdict, hint, notProven } = said;
    const acknowledgedAtMs = this.#lastAcknowledgedAtMs;
    return {
      ready,
      verdict,
      ...(hint !== undefined && { hint }),
      since: timeOf(this.#sinceMs),
      ...(notProven !== undefined && { notProven }),
      ...(acknowledgedAtMs !== undefined && { lastAcknowledgment: timeOf(acknowledgedAtMs) }),
    };
  }
}

const timeOf = (atMs: number): string => new Date(atMs).toISOString();
