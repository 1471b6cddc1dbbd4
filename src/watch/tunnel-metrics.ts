import { Counter, Gauge, type Registry } from "prom-client";
import type { LegNames } from "../site/facts.ts";
import { isClient, optionsOf, type StunnelConf } from "../site/stunnel-conf.ts";
import type { TunnelLine } from "../site/tunnel-line.ts";
import type { Observer, ReloadedFact } from "./observer.ts";
import { knownRefusals, TunnelFollower } from "./refusals.ts";

/** What Stunnel tells of itself in its log: connections by service, refusals by leg, its version. */
export class TunnelMetrics implements Partial<Observer> {
  readonly #follower: TunnelFollower;
  readonly #reloads: Counter;
  /** The version of the Stunnel that runs, as it says when it starts. */
  version = "unknown";

  constructor(registry: Registry, legs: LegNames, conf: () => StunnelConf) {
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
    this.#follower = new TunnelFollower({
      opened: (service) => {
        made.inc({ service });
        open.inc({ service });
      },
      ended: (service) => open.dec({ service }),
      refused: (service, cause, refusedBy) => {
        const leg = isTo(conf(), service) ? legs.to : legs.from;
        refusals.inc({ leg, cause, refused_by: refusedBy });
      },
      started: (version) => {
        this.version = version;
        startAtZero();
      },
    });
  }

  tunnelLine(line: TunnelLine): void {
    this.#follower.tunnelLine(line);
  }

  reloaded({ outcome }: ReloadedFact): void {
    this.#reloads.inc({ outcome });
  }
}

/** Says whether a service takes plain text in, and so carries the leg that we send on. */
function isTo(conf: StunnelConf, service: string): boolean {
  const own = conf.services.get(service);
  return own !== undefined && isClient(optionsOf(conf, own));
}
