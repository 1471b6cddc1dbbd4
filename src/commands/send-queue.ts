import type { Message } from "../hl7/message.ts";
import { nameOf } from "../hl7/text.ts";
import { openLog } from "../log/log.ts";
import type { Settings } from "../settings.ts";
import { Outbox } from "../store/outbox.ts";
import { Store } from "../store/store.ts";
import { print, printAside } from "../terminal.ts";
import { logQueued, putMessage } from "./put.ts";
import type { SendOptions } from "./send.ts";
import { requireOwnPlace, senderOff } from "./sending-options.ts";
import { stamp } from "./source.ts";

/** Puts messages into the outbox; that they are delivered is the sender's to tell. */
export async function queueAll(template: Message, options: SendOptions, settings: Settings): Promise<void> {
  requireOwnPlace(options, settings.site);
  using store = Store.open(settings.dataDir, settings.storeSync);
  const outbox = new Outbox(store, settings.retention);
  const log = openLog("send", settings);
  for (let queued = 0; queued < options.count; queued += 1) {
    const message = options.asIs ? template : stamp(template);
    const id = await putMessage(outbox, message, settings.maxPayloadBytes);
    logQueued(log, message, id);
    const { type, controlId } = message;
    if (options.json) print(JSON.stringify({ event: "message-queued", id, type, controlId }));
    else print(`queued        ${nameOf(message)} as #${id}, not delivered yet: "queue" shows what waits`);
  }
  if (!settings.simulator.sends) printAside(senderOff(settings.site, settings.simulator));
}
