import { SafeTunnelError } from "../errors.ts";
import { type Log, openLog } from "../log/log.ts";
import { storyStream } from "../log/story.ts";
import { MllpServer } from "../mllp/server.ts";
import type { Settings } from "../settings.ts";
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
