import { Gauge, type Registry } from "prom-client";
import { lifetimesOf } from "../../stunnel/lifetimes.ts";
import type { Material } from "../../stunnel/material.ts";
import type { LegNames } from "../site/facts.ts";

/** Where the state of a site is read, which is done when it is asked for. Each may throw `store-failed`. */
export interface StateSource {
  outbox: { counts(): { waiting: number; setAside: number }; oldestQueuedAtMs(): number | undefined };
  journal: { count(): number };
  /** The bytes of the store on the disk. */
  sizeBytes: () => number;
  /** What Stunnel has loaded, which is not always what stands on the disk; undefined until it has. */
  loaded: () => Material | undefined;
  /** Hears that the store could not be read. */
  storeFailed: () => void;
}

/** Makes the gauges that are read when they are scraped: queues, journal, certificates. */
export function addState(registry: Registry, { to, from }: LegNames, source: StateSource): void {
  const { outbox, journal } = source;
  type Values = [string, number | undefined][];
  /** Makes gauges of one reading, which the first of them does for all, since they are asked in this order. */
  const gauges = (label: string, metrics: [name: string, help: string][], read: () => Values[]) => {
    const made: Gauge[] = metrics.map(([name, help], index) => {
      const collect = index === 0 && {
        collect() {
          // what is gone, or cannot be read, is not told with its last value
          for (const one of made) one.reset();
          try {
            for (const [nth, values] of read().entries())
              for (const [value, now] of values) if (now !== undefined) made[nth]?.set({ [label]: value }, now);
          } catch {
            source.storeFailed();
          }
        },
      };
      return new Gauge({ name, help, labelNames: [label], registers: [registry], ...collect });
    });
  };
  const gauge = (name: string, help: string, label: string, values: () => Values) =>
    gauges(label, [[name, help]], () => [values()]);
  const outboxHelp = [
    ["mllp_outbox_messages", "Messages that wait in the outbox."],
    ["mllp_outbox_set_aside_messages", "Messages that were refused and set aside."],
  ] satisfies [string, string][];
  gauges("leg", outboxHelp, () => {
    const { waiting, setAside } = outbox.counts();
    return [[[to, waiting]], [[to, setAside]]];
  });
  gauge(
    "mllp_outbox_oldest_age_seconds",
    "Since when the message waits whose turn it is; 0 where none does.",
    "leg",
    () => {
      const sinceMs = outbox.oldestQueuedAtMs();
      return [[to, sinceMs === undefined ? 0 : Math.max(0, Date.now() - sinceMs) / 1000]];
    },
  );
  gauge("mllp_journal_messages", "Messages in the journal.", "leg", () => [[from, journal.count()]]);
  gauge("mllp_journal_size_bytes", "Bytes of the site's store on the disk, journal and outbox.", "leg", () => [
    [from, source.sizeBytes()],
  ]);
  gauge(
    "stunnel_certificate_expiry_timestamp_seconds",
    "When the certificates end that Stunnel has loaded, the earliest of a kind.",
    "certificate",
    () => {
      const material = source.loaded();
      if (!material) return [];
      const { authorities } = material;
      const [own, ...intermediates] = material.chain;
      const ends = (certificates: typeof authorities) => earliest(certificates.map(({ validToDate }) => validToDate));
      return [
        ["own", ends([own])],
        ["authority", ends(authorities)],
        ["intermediate", ends(intermediates)],
      ];
    },
  );
  new Gauge({
    name: "stunnel_crl_expiry_timestamp_seconds",
    help: "When the CRL is to be renewed that Stunnel has loaded, the earliest of several.",
    registers: [registry],
    collect() {
      this.reset();
      const material = source.loaded();
      const lifetimes = material ? lifetimesOf(material, new Date()) : [];
      const ends = lifetimes.flatMap(({ about, ends }) => (about === "crl-days" && ends ? [ends] : []));
      const first = earliest(ends);
      if (first === undefined) this.remove();
      else this.set(first);
    },
  });
}

/** Returns the first of some dates, in seconds since 1970. */
function earliest(dates: Date[]): number | undefined {
  return dates.length === 0 ? undefined : Math.min(...dates.map((date) => date.getTime())) / 1000;
}
