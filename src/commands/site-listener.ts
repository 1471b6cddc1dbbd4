import { SafeTunnelError } from "../errors.ts";
import { type Log, openLog } from "../log/log.ts";
import { storyStream } from "../log/story.ts";
import { placeOf } from "../mllp/endpoint.ts";
import { MllpServer } from "../mllp/server.ts";
import type { Settings } from "../settings.ts";
import { plainLinesOutside } from "../site/plain-side.ts";
import { legsOf, type StunnelConf } from "../site/stunnel-conf.ts";
import type { TunnelConnections } from "../site/tunnel-connections.ts";
import type { Journal } from "../store/journal.ts";
import type { Observer } from "../watch/observer.ts";
import { Receiver } from "./receive.ts";
import { pauseUnlessStopped } from "./stop.ts";

/** What the listener of a site needs. */
interface Listening {
  settings: Settings;
  journal: Journal;
  log: Log;
  observer: Observer;
  connections: TunnelConnections;
  stop: AbortSignal;
}

/** Starts the listener of a site, and waits for its port; none where an engine listens. Throws `invalid-setting`, `file-unreadable`. */
export async function startListening({
  settings,
  journal,
  log,
  observer,
  connections,
  stop,
}: Listening): Promise<MllpServer | undefined> {
  const { site, maxPayloadBytes, simulator } = settings;
  if (!simulator.listens) return undefined;
  const connection = ({ peer }: { peer?: string }) => ({ connection: peer && connections.behind(peer)?.connection });
  const ownLog = openLog("listen", settings, storyStream, connection);
  const receiver = await Receiver.open(settings, journal, ownLog, observer);
  const options = { host: "127.0.0.1", port: site.listenPort, maxPayloadBytes, ...receiver.handlers() };
  for (let told = false; ; told = true) {
    try {
      return await MllpServer.listen(options);
    } catch (error) {
      // a "listen" that was started by hand before us ends when its person ends it
      if (!(error instanceof SafeTunnelError) || error.code !== "port-in-use" || stop.aborted) throw error;
      if (!told) log.warn({ event: "port-in-use" }, `${error.message}; waiting for it`);
      await pauseUnlessStopped(500, stop);
    }
  }
}

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
  for (const { service, line } of plainLinesOutside(conf)) {
    const what = `plain text leaves the loopback, [${service}] ${line}: keep that network to this site and its engine`;
    log.warn({ event: "plain-side-open", service }, what);
  }
}
