import { fileURLToPath } from "node:url";
import type { Handler } from "../../src/commands/handler.ts";
import { Receiver } from "../../src/commands/receive.ts";
import { type Acknowledgment, readAcknowledgment } from "../../src/hl7/acknowledgment.ts";
import type { Message } from "../../src/hl7/message.ts";
import { tellWaiting } from "../../src/log/afterwards.ts";
import { FrameDecoder } from "../../src/mllp/frame-decoder.ts";
import type { Answer } from "../../src/mllp/server-connection.ts";
import { readSettings } from "../../src/settings.ts";
import { type Observer, UNWATCHED } from "../../src/watch/observer.ts";
import { keptLog } from "./kept-log.ts";
import type { SiteStore } from "./site-store.ts";
import { told } from "./told-handler.ts";

/** DPI's receiver as an environment sets it, over a store that others may share, and with what a handler says. */
export async function receiveInto(
  site: SiteStore,
  environment: NodeJS.ProcessEnv = {},
  say?: Handler,
  observer: Observer = UNWATCHED,
) {
  const { log, logged, events } = keptLog("debug");
  if (say) told.say = say;
  const handler = say && { HANDLER: fileURLToPath(new URL("told-handler.ts", import.meta.url)) };
  const settings = await readSettings({ SITE: "dpi", ...handler, ...environment });
  const receiver = await Receiver.open(settings, site.journal, log, observer);
  /** Returns what a message is answered with on a connection of its own. */
  const answerTo = async ({ payload }: Pick<Message, "payload">, peer = "127.0.0.1:4711") => {
    const answer = await receiver.answer({ kind: "payload", payload, atByte: 0 }, { peer });
    // what is said of it comes behind it
    tellWaiting();
    return answer;
  };
  return {
    receiver,
    answerTo,
    bytesFor: async (message: Pick<Message, "payload">) => (await answerTo(message))?.bytes,
    acknowledge: async (message: Pick<Message, "payload">) => acknowledgmentsIn(await answerTo(message)),
    codesFor: async (message: Pick<Message, "payload">) =>
      acknowledgmentsIn(await answerTo(message)).map(({ code }) => code),
    logged,
    events,
  };
}

/** Returns the acknowledgments that stand in the frames of an answer. */
export function acknowledgmentsIn(answer: Answer | undefined): Acknowledgment[] {
  return new FrameDecoder().push(Buffer.from(answer?.bytes ?? [])).map((received) => {
    if (received.kind !== "payload") throw new Error(`not a frame but ${received.kind}`);
    return readAcknowledgment(received.payload);
  });
}
