import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { LegNames } from "../site/facts.ts";
import type { Simulator } from "../site/simulator.ts";
import type { ConnectionFact, ExchangedFact, Observer, ReceivedFact } from "./observer.ts";

const ENDS = ["sender", "listener"] as const;
/** From a short movement to the largest payload that is taken. */
const SIZES_BYTES = Array.from({ length: 9 }, (_, power) => 256 * 4 ** power);

/** What both ends of the plain side have: connections, and payloads of some size. */
export class PlainSideMetrics implements Partial<Observer> {
  readonly #sent: Histogram.Internal<string> | undefined;
  readonly #received: Histogram.Internal<string> | undefined;
  readonly #open: Partial<Record<ConnectionFact["end"], Gauge.Internal<string>>>;
  readonly #made: Partial<Record<ConnectionFact["end"], Counter.Internal>>;

  /** Shows the ends that are the site's own; the others are an engine's. */
  constructor(registry: Registry, { to, from }: LegNames, { sends, listens }: Pick<Simulator, "sends" | "listens">) {
    const registers = [registry];
    const size = new Histogram({
      name: "mllp_payload_size_bytes",
      help: "Sizes of the payloads that were acknowledged to us, and of those that we answered.",
      labelNames: ["leg", "direction"],
      buckets: SIZES_BYTES,
      registers,
    });
    if (sends) size.zero({ leg: to, direction: "sent" });
    if (listens) size.zero({ leg: from, direction: "received" });
    if (sends) this.#sent = size.labels(to, "sent");
    if (listens) this.#received = size.labels(from, "received");
    const open = new Gauge({
      name: "mllp_connections_open",
      help: "Open connections of the site's sender and listener, on the plain side.",
      labelNames: ["leg", "end"],
      registers,
    });
    const made = new Counter({
      name: "mllp_connections_total",
      help: "Connections that the site's sender opened and its listener took, on the plain side.",
      labelNames: ["leg", "end"],
      registers,
    });
    this.#open = {
      ...(sends && { sender: open.labels(to, "sender") }),
      ...(listens && { listener: open.labels(from, "listener") }),
    };
    this.#made = {
      ...(sends && { sender: made.labels(to, "sender") }),
      ...(listens && { listener: made.labels(from, "listener") }),
    };
    for (const end of ENDS) {
      this.#open[end]?.set(0);
      this.#made[end]?.inc(0);
    }
  }

  exchanged({ sizeBytes }: ExchangedFact): void {
    this.#sent?.observe(sizeBytes);
  }

  received({ sizeBytes }: ReceivedFact): void {
    this.#received?.observe(sizeBytes);
  }

  connectionOpened({ end }: ConnectionFact): void {
    this.#open[end]?.inc();
    this.#made[end]?.inc();
  }

  connectionEnded({ end }: ConnectionFact): void {
    this.#open[end]?.dec();
  }
}
