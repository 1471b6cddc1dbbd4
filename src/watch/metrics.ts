import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Counter, Gauge, Registry } from "prom-client";
import { legNamesOf, type SiteFacts } from "../site/facts.ts";
import type { Simulator } from "../site/simulator.ts";
import type { StunnelConf } from "../site/stunnel-conf.ts";
import type { TunnelConnections } from "../site/tunnel-connections.ts";
import { both, type Observer } from "./observer.ts";
import { PlainSideMetrics } from "./plain-side.ts";
import { addProcess } from "./process.ts";
import { type ReceivingFacts, ReceivingMetrics } from "./receiving.ts";
import { type SendingFacts, SendingMetrics } from "./sending.ts";
import { addState, type StateSource } from "./state.ts";
import { TunnelMetrics } from "./tunnel-metrics.ts";

/** What the metrics of a site are made of. */
export interface MetricsSource {
  site: SiteFacts;
  simulator: Pick<Simulator, "sends" | "listens">;
  sending: Omit<SendingFacts, "leg" | "runs">;
  receiving: Omit<ReceivingFacts, "leg" | "runs" | "types">;
  conf: () => StunnelConf;
  connections: TunnelConnections;
  state: Omit<StateSource, "storeFailed">;
}

/** The metrics of a site, in the text that Prometheus reads; nothing of a patient, and no label that others choose. */
export class Metrics {
  readonly observer: Observer;
  readonly #registry = new Registry();
  readonly #sending: SendingMetrics;

  constructor({ site, simulator, sending, receiving, conf, connections, state }: MetricsSource) {
    const registry = this.#registry;
    const legs = legNamesOf(site);
    const types = site.takes.map(({ type }) => type);
    const storeFailures = new Counter({
      name: "mllp_store_failures_total",
      help: "Times that the store could not be written, or not be read.",
      registers: [registry],
    });
    const storeFailed = () => storeFailures.inc();
    const tunnel = new TunnelMetrics(registry, legs, conf, connections);
    this.#sending = new SendingMetrics(registry, { leg: legs.to, runs: simulator.sends, ...sending });
    this.observer = both(
      this.#sending,
      new ReceivingMetrics(registry, { leg: legs.from, runs: simulator.listens, types, ...receiving }),
      new PlainSideMetrics(registry, legs, simulator),
      tunnel,
      { storeFailed },
    );
    addState(registry, legs, { ...state, storeFailed });
    const roles = new Gauge({
      name: "mllp_simulator_runs",
      help: "Whether the site plays a role of an engine itself: send, listen; 0 where a real engine does.",
      labelNames: ["role"],
      registers: [registry],
    });
    roles.set({ role: "send" }, Number(simulator.sends));
    roles.set({ role: "listen" }, Number(simulator.listens));
    const version = versionOfProject();
    new Gauge({
      name: "mllp_build_info",
      help: "The versions of this site, of its Node and of its Stunnel.",
      labelNames: ["version", "node", "stunnel"],
      registers: [registry],
      collect() {
        this.reset();
        this.set({ version, node: process.versions.node, stunnel: tunnel.version }, 1);
      },
    });
    addProcess(registry);
  }

  /** Takes the verdict of who asked the link without sending a message. */
  linkAsked(isUp: boolean): void {
    this.#sending.linkAsked(isUp);
  }

  /** Returns every metric as text, with the media type of that. */
  async scrape(): Promise<{ type: string; text: string }> {
    return { type: this.#registry.contentType, text: await this.#registry.metrics() };
  }
}

function versionOfProject(): string {
  const path = join(import.meta.dirname, "..", "..", "package.json");
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}
