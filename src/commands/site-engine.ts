import type { Log } from "../log/log.ts";
import { placeOf } from "../mllp/endpoint.ts";
import type { Settings } from "../settings.ts";
import { plainLinesOutside, refuseAstray } from "../site/plain-side.ts";
import { legsOf, type StunnelConf } from "../site/stunnel-conf.ts";
import { pauseUnlessStopped } from "./stop.ts";

/** How often it is looked where the engine is: its name may resolve late, and to something else one day. */
const LOOK_EVERY_MS = 10_000;

/** Logs which roles are an engine's, and by which lines plain text leaves the loopback. */
export function tellEngine({ site, simulator, engine, plainHost }: Settings, conf: StunnelConf, log: Log): void {
  const { sends, listens, word } = simulator;
  const { from } = legsOf(conf);
  const engines = from?.connect.length ? from.connect : [engine ?? { host: "127.0.0.1", port: site.listenPort }];
  const roles = [
    ...(sends ? [] : [`sends to ${plainHost || "127.0.0.1"}:${site.sendPort}`]),
    ...(listens ? [] : [`listens on ${engines.map(placeOf).join(", ")}`]),
  ];
  if (roles.length > 0)
    log.info({ event: "simulator-off" }, `simulator off (${word}): an engine ${roles.join(" and ")}`);
  tellPlainLines(conf, log);
}

/** Logs each line by which plain text leaves the loopback, but for those that were there before. */
export function tellPlainLines(conf: StunnelConf, log: Log, before?: StunnelConf): void {
  const known = before ? plainLinesOutside(before) : [];
  for (const { service, line } of plainLinesOutside(conf)) {
    if (known.some((one) => one.service === service && one.line === line)) continue;
    const what = `plain text leaves the loopback, [${service}] ${line}: keep that network to this site and its engine`;
    log.warn({ event: "plain-side-open", service }, what);
  }
}

/**
 * Looks until the stop where the engine of a configuration is, which may have had no address at the start.
 *
 * Throws `invalid-setting` when it is where the peer is reached.
 */
export async function watchEngine(
  { engine }: Pick<Settings, "engine">,
  conf: () => StunnelConf,
  stop: AbortSignal,
  everyMs = LOOK_EVERY_MS,
): Promise<void> {
  while (engine && !stop.aborted) {
    await pauseUnlessStopped(everyMs, stop);
    await refuseAstray(engine, conf());
  }
}
