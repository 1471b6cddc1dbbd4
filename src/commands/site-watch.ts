import type { Server } from "node:http";
import { reasonOf, SafeTunnelError } from "../errors.ts";
import type { Log } from "../log/log.ts";
import type { Settings } from "../settings.ts";
import type { Health } from "../site/health.ts";
import { legsOf, type StunnelConf } from "../site/stunnel-conf.ts";
import { tlsServicesOf } from "../site/tunnel.ts";
import { TunnelConnections } from "../site/tunnel-connections.ts";
import type { Journal } from "../store/journal.ts";
import type { Outbox } from "../store/outbox.ts";
import type { Store } from "../store/store.ts";
import { LinkAsker } from "../watch/ask-link.ts";
import { Metrics } from "../watch/metrics.ts";
import { both, type Observer } from "../watch/observer.ts";
import { Readiness } from "../watch/readiness.ts";
import { refusalIn } from "../watch/refusals.ts";
import { serveWatch, type Watched, watchPages } from "../watch/serve.ts";
import { readOwnMessage } from "./source.ts";
import { pauseUnlessStopped } from "./stop.ts";
import type { Trust } from "./trust.ts";

const SERVE_AGAIN_MS = 5000;

/** What a site keeps, as it is watched. */
interface Kept {
  store: Store;
  journal: Journal;
  outbox: Outbox;
  /** The configuration as it is before Stunnel reads it. */
  conf: StunnelConf;
}

/** Watches a site from within: hears what happens in it, and makes of that metrics, and the word whether the peer answers. */
export class SiteWatch {
  readonly observer: Observer;
  /** Stunnel's connections, of which others may be told as well. */
  readonly connections: TunnelConnections;
  readonly #metrics: Metrics;
  readonly #readiness: Readiness;
  /** What Stunnel works with, once that is read. */
  trust: Trust | undefined;

  private constructor({ site, sendEveryMs, simulator }: Settings, ownTypes: string[], kept: Kept) {
    const { store, journal, outbox } = kept;
    const everyMs = simulator.sends ? sendEveryMs : undefined;
    const loaded = () => this.trust?.loaded;
    const conf = () => this.trust?.conf ?? kept.conf;
    this.connections = new TunnelConnections(() => tlsServicesOf(conf()), refusalIn);
    this.#metrics = new Metrics({
      site,
      simulator,
      sending: { types: ownTypes, everyMs, lastAcknowledgedAtMs: outbox.lastDelivered(1)[0]?.deliveredAtMs },
      receiving: { lastReceivedAtMs: journal.lastReceivedAtMs() },
      conf,
      connections: this.connections,
      state: { outbox, journal, sizeBytes: () => store.sizeBytes, loaded },
    });
    const asker = new LinkAsker({
      endpoint: { host: "127.0.0.1", port: site.sendPort },
      service: () => legsOf(conf()).to?.service,
      peer: site.peer,
      own: loaded,
    });
    this.#readiness = new Readiness({
      everyMs,
      engineSends: !simulator.sends,
      askLink: () => asker.ask(),
      onAsked: (isUp) => this.#metrics.linkAsked(isUp),
    });
    this.observer = both(this.#metrics.observer, this.#readiness, asker, {
      tunnelLine: (line) => this.connections.hear(line),
    });
  }

  /** Makes what watches a site. Throws `store-failed`. */
  static async open(settings: Settings, kept: Kept): Promise<SiteWatch> {
    // a site that sends nothing by itself needs no message
    const own = await readOwnMessage(settings.siteDir).catch(() => undefined);
    return new SiteWatch(settings, own ? [own.type] : [], kept);
  }

  /** Returns the pages of the site. */
  pages(health: () => Promise<Health>): ReturnType<typeof watchPages> {
    const watched: Watched = { health, ready: () => this.#readiness.ask(), metrics: this.#metrics };
    return watchPages(watched);
  }
}

/** Serves the pages on the network from which a site is watched, if one is set, as soon as that can be done. */
export async function serveToWatchers(
  pages: ReturnType<typeof watchPages>,
  { watchHost }: Settings,
  log: Log,
  stop: AbortSignal,
): Promise<void> {
  if (watchHost === "") return;
  let server: Server | undefined;
  for (let told = false; !server && !stop.aborted; told = true) {
    try {
      server = await serveWatch(pages, watchHost);
    } catch (error) {
      const { code, hint = "" } = error instanceof SafeTunnelError ? error : {};
      const what = `no metrics but on loopback, ${reasonOf(error)}: trying on (hint: ${hint})`;
      if (!told) log.warn({ event: "watch-not-served", code, hint }, what);
      await pauseUnlessStopped(SERVE_AGAIN_MS, stop);
    }
  }
  stop.addEventListener("abort", () => server?.close());
}
