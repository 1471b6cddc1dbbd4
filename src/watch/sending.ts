import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { ERROR_CODES } from "../errors.ts";
import { timeToTellMs } from "../log/afterwards.ts";
import { CODES, countBy, countByTwo } from "./labels.ts";
import type { ExchangedFact, FailedFact, Observer } from "./observer.ts";

/** What is known of the sending side when its metrics are made. */
export interface SendingFacts {
  leg: string;
  /** Whether the site sends; where an engine does, nothing here knows how its messages fare. */
  runs: boolean;
  /** The types that the site sends by itself. */
  types: string[];
  /** How often its loop sends; undefined where it is off. */
  everyMs: number | undefined;
  /** When the last message was acknowledged, before this process ran. */
  lastAcknowledgedAtMs: number | undefined;
}

/** The code of an exchange of which no acknowledgment came. */
const NONE = "none";
/** What an exchange can fail with; all that concerns files and settings stands behind it. */
const OF_EXCHANGES = ERROR_CODES.slice(0, ERROR_CODES.indexOf("unknown-charset"));
/** From a message on one machine to the limit of an exchange; one bound is the threshold of the alert. */
const DURATIONS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 15];

/** How the messages fared that a site sent, which its own side alone knows. */
export class SendingMetrics implements Partial<Observer> {
  readonly #countExchange: (type: string, code: string) => void;
  readonly #countFailure: (error: string) => void;
  readonly #duration: Histogram.Internal<string>;
  #lastAcknowledgedAtMs: number | undefined;
  #isUp: boolean | undefined;

  constructor(registry: Registry, { leg, runs, types, everyMs, lastAcknowledgedAtMs }: SendingFacts) {
    // of a role that does not run no series is shown
    const registers = [runs ? registry : new Registry()];
    const exchanges = new Counter({
      name: "mllp_exchanges_total",
      help: 'Exchanges that ended, by the code of the acknowledgment; "none" where none came.',
      labelNames: ["leg", "type", "code"],
      registers,
    });
    this.#countExchange = countByTwo(exchanges, [leg], types, [...CODES, NONE]);
    const failures = new Counter({
      name: "mllp_exchange_failures_total",
      help: "Exchanges that ended without an acknowledgment, by error.",
      labelNames: ["leg", "error"],
      registers,
    });
    this.#countFailure = countBy(failures, [leg], OF_EXCHANGES);
    const duration = new Histogram({
      name: "mllp_exchange_duration_seconds",
      help: "Time from the start of an exchange to its acknowledgment.",
      labelNames: ["leg"],
      buckets: DURATIONS_S,
      registers,
    });
    duration.zero({ leg });
    this.#duration = duration.labels(leg);
    this.#lastAcknowledgedAtMs = lastAcknowledgedAtMs;
    const read = (name: string, help: string, value: () => number | undefined, shown = registers) =>
      new Gauge({
        name,
        help,
        labelNames: ["leg"],
        registers: shown,
        collect() {
          const now = value();
          if (now !== undefined) this.set({ leg }, now);
        },
      });
    read(
      "mllp_send_interval_seconds",
      "How often the send loop sends; 0 where it is off.",
      () => (runs ? (everyMs ?? 0) / 1000 : 0),
      [registry],
    );
    read("mllp_link_up", "Whether the other side answered when it was last asked: 1 or 0.", () =>
      this.#isUp === undefined ? undefined : Number(this.#isUp),
    );
    read("mllp_last_acknowledgment_timestamp_seconds", "When a message was last acknowledged.", () =>
      this.#lastAcknowledgedAtMs === undefined ? undefined : this.#lastAcknowledgedAtMs / 1000,
    );
  }

  exchanged({ type, code, durationMs }: ExchangedFact): void {
    this.#countExchange(type, code);
    this.#duration.observe(durationMs / 1000);
    this.#lastAcknowledgedAtMs = timeToTellMs();
    this.#isUp = true;
  }

  exchangeFailed({ type, error, sendable }: FailedFact): void {
    this.#countExchange(type, NONE);
    this.#countFailure(error);
    if (sendable) this.#isUp = false;
  }

  linkLost(): void {
    this.#isUp = false;
  }

  /** Takes the verdict of who asked the link without sending a message. */
  linkAsked(isUp: boolean): void {
    this.#isUp = isUp;
  }
}
