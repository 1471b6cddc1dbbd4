import { Counter, Gauge, type Registry } from "prom-client";
import type { LegNames } from "../site/facts.ts";
import type { StunnelConf } from "../site/stunnel-conf.ts";
import type { TunnelConnections } from "../site/tunnel-connections.ts";
import type { Observer, ReloadedFact } from "./observer.ts";
import { knownRefusals } from "./refusals.ts";

/** What Stunnel tells of itself in its log: connections by service, refusals by leg, its version. */
export class TunnelMetrics implements Partial<Observer> {
  readonly #reloads: Counter;
  /** The version of the Stunnel that runs, as it says when it starts. */
  version = "unknown";

  constructor(registry: Registry, legs: LegNames, conf: () => StunnelConf, connections: TunnelConnections) {
    const registers = [registry];
    const labelNames = ["service"];
    const made = new Counter({
      name: "stunnel_connections_total",
      help: "Connections that Stunnel took, on the plain port or on the TLS port of a service.",
      labelNames,
      registers,
    });
    const open = new Gauge({
      name: "stunnel_connections_open",
      help: "Connections that Stunnel has open.",
      labelNames,
      registers,
    });
    const refusals = new Counter({
      name: "stunnel_refusals_total",
      help: "Connections that were refused, by the likeliest cause and by who refused: here, or the far side.",
      labelNames: ["leg", "cause", "refused_by"],
      registers,
    });
    for (const leg of [legs.to, legs.from])
      for (const { cause, refusedBy } of knownRefusals()) refusals.inc({ leg, cause, refused_by: refusedBy }, 0);
    this.#reloads = new Counter({
      name: "stunnel_reloads_total",
      help: "Reloads of Stunnel's files: done, or refused, so that it went on with the old ones.",
      labelNames: ["outcome"],
      registers,
    });
    for (const outcome of ["done", "refused"]) this.#reloads.inc({ outcome }, 0);
    const startAtZero = () => {
      for (const service of conf().services.keys()) {
        made.inc({ service }, 0);
        open.set({ service }, 0);
      }
    };
    startAtZero();
    connections.tell({
      opened: ({ service }) => {
        made.inc({ service });
        open.inc({ service });
      },
      ended: ({ service, incoming, refusal }) => {
        open.dec({ service });
        if (!refusal) return;
        const leg = incoming ? legs.from : legs.to;
        refusals.inc({ leg, cause: refusal.cause, refused_by: refusal.refusedBy });
      },
      started: (version) => {
        this.version = version;
        startAtZero();
      },
    });
  }

  reloaded({ outcome }: ReloadedFact): void {
    this.#reloads.inc({ outcome });
  }
}
