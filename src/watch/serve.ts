import { lookup } from "node:dns/promises";
import type { Server } from "node:http";
import { reasonOf, SafeTunnelError } from "../errors.ts";
import { tellWaiting } from "../log/afterwards.ts";
import { CONTROL_PORT } from "../site/control-port.ts";
import type { Health } from "../site/health.ts";
import { json, notServed, type Page, serveHttp } from "../site/http.ts";
import type { Metrics } from "./metrics.ts";
import type { Verdict } from "./readiness.ts";

/** What a site shows to those who watch it. */
export interface Watched {
  health: () => Promise<Health>;
  ready: () => Promise<Verdict>;
  metrics: Pick<Metrics, "scrape">;
}

type Pages = (asked: string) => Promise<Page | undefined>;

/**
 * Returns the pages of a site: GET /healthz is 200 where it runs, GET /readyz where the other side answers, else 503 with
 * the reason; GET /metrics is for Prometheus.
 */
export function watchPages({ health, ready, metrics }: Watched): Pages {
  const pages: Record<string, () => Promise<Page>> = {
    "GET /healthz": async () => {
      const seen = await health();
      return json(seen.healthy ? 200 : 503, seen);
    },
    "GET /readyz": async () => {
      const verdict = await ready();
      return json(verdict.ready ? 200 : 503, verdict);
    },
    "GET /metrics": async () => ({ status: 200, ...(await metrics.scrape()) }),
  };
  return async (asked) => {
    if (!Object.hasOwn(pages, asked)) return undefined;
    // what has happened counts, also where it is still to be told of
    tellWaiting();
    return await pages[asked]?.();
  };
}

/** Serves the pages, and nothing else, on the address that a name has. Throws `name-not-resolved`, `port-in-use`. */
export async function serveWatch(pages: Pages, name: string, port = CONTROL_PORT): Promise<Server> {
  const { address } = await lookup(name).catch((cause) => {
    throw new SafeTunnelError("name-not-resolved", `WATCH_HOST is ${name}: ${reasonOf(cause)}`, {
      hint: "give the site this name on the network from which it is watched (aliases in docker-compose.yml)",
      cause,
    });
  });
  return await serveHttp(async (asked) => (await pages(asked)) ?? notServed(asked), address, port);
}
