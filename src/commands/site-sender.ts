import { openLog } from "../log/log.ts";
import { storyStream } from "../log/story.ts";
import type { Settings } from "../settings.ts";
import type { Outbox } from "../store/outbox.ts";
import type { Observer } from "../watch/observer.ts";
import { Courier } from "./deliver.ts";
import type { Sender } from "./exchange.ts";
import { runSendLoop } from "./put.ts";
import { becomeSender } from "./sender-lock.ts";
import { readOwnMessage } from "./source.ts";
import { pauseUnlessStopped } from "./stop.ts";

/** By how much the engine may start one container after the other. */
const CONTAINERS_APART_MS = 300;
/** A start may have waited for a port, which says nothing about the other site. */
const MAX_FIRST_PAUSE_MS = 2000;

/** Brings what is in the outbox over, and puts the site's own message into it as often as it is set, until the stop; nothing where an engine sends. */
export async function startSending(
  settings: Settings,
  outbox: Outbox,
  sender: Sender,
  observer: Observer,
  stop: AbortSignal,
): Promise<void> {
  const { dataDir, siteDir, sendEveryMs: everyMs, maxPayloadBytes, simulator } = settings;
  if (!simulator.sends) return;
  // both sites start at the same moment, and the first message is not to find a door that is about to open: the other
  // one has as long again as this one took
  const pauseMs = CONTAINERS_APART_MS + process.uptime() * 1000;
  await pauseUnlessStopped(Math.min(pauseMs, MAX_FIRST_PAUSE_MS), stop);
  using lock = await becomeSender(dataDir, stop);
  if (!lock) return;
  const log = openLog("send", settings, storyStream);
  const work = [new Courier(outbox, sender, log, observer).run(stop)];
  if (everyMs !== undefined) {
    const template = await readOwnMessage(siteDir);
    work.push(runSendLoop({ outbox, template, everyMs, maxPayloadBytes, log, stop, observer }));
  }
  await Promise.all(work);
}
