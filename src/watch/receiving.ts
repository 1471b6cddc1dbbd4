import { Counter, Gauge, Registry } from "prom-client";
import { timeToTellMs } from "../log/afterwards.ts";
import { CODES, countBy, countByTwo } from "./labels.ts";
import type { FrameRefusal, Observer, ReceivedFact, RefusedFact } from "./observer.ts";

/** What is known of the receiving side when its metrics are made. */
export interface ReceivingFacts {
  leg: string;
  /** Whether the site listens; what an engine receives is not seen here. */
  runs: boolean;
  /** The types that the site takes. */
  types: string[];
  /** When the last message came, before this process ran. */
  lastReceivedAtMs: number | undefined;
}

const REASONS: FrameRefusal[] = ["unfinished-frame", "frame-too-large", "bytes-outside-frame", "no-header"];

/** What a site received, and what it answered. */
export class ReceivingMetrics implements Partial<Observer> {
  readonly #countMessage: (type: string, code: string) => void;
  readonly #countFrame: (reason: string) => void;
  readonly #repeats: Counter.Internal;
  #lastAtMs: number | undefined;

  constructor(registry: Registry, { leg, runs, types, lastReceivedAtMs }: ReceivingFacts) {
    // of a role that does not run no series is shown
    const registers = [runs ? registry : new Registry()];
    const messages = new Counter({
      name: "mllp_messages_received_total",
      help: "Messages that came, repeats among them, by the code that they were answered with.",
      labelNames: ["leg", "type", "code"],
      registers,
    });
    this.#countMessage = countByTwo(messages, [leg], types, CODES);
    const repeats = new Counter({
      name: "mllp_repeats_total",
      help: "Messages that stood in the journal already.",
      labelNames: ["leg"],
      registers,
    });
    this.#repeats = repeats.labels(leg);
    this.#repeats.inc(0);
    const frames = new Counter({
      name: "mllp_frames_refused_total",
      help: "What came and was no message: broken frames, bytes outside a frame, payloads without a header.",
      labelNames: ["leg", "reason"],
      registers,
    });
    this.#countFrame = countBy(frames, [leg], REASONS);
    this.#lastAtMs = lastReceivedAtMs;
    const lastAtMs = () => this.#lastAtMs;
    new Gauge({
      name: "mllp_last_message_timestamp_seconds",
      help: "When a message last came.",
      labelNames: ["leg"],
      registers,
      collect() {
        const atMs = lastAtMs();
        if (atMs !== undefined) this.set({ leg }, atMs / 1000);
      },
    });
  }

  received({ type, code, repeat }: ReceivedFact): void {
    this.#countMessage(type, code);
    if (repeat) this.#repeats.inc();
    this.#lastAtMs = timeToTellMs();
  }

  frameRefused({ reason }: RefusedFact): void {
    this.#countFrame(reason);
  }
}
