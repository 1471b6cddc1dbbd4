import { Courier } from "../../src/commands/deliver.ts";
import { Message } from "../../src/hl7/message.ts";
import { writeAcknowledgment } from "../../src/hl7/write-acknowledgment.ts";
import { tellWaiting } from "../../src/log/afterwards.ts";
import { frame } from "../../src/mllp/frame.ts";
import { MllpServer } from "../../src/mllp/server.ts";
import { type Observer, UNWATCHED } from "../../src/watch/observer.ts";
import { keptLog } from "./kept-log.ts";
import { answerer, senderTo, template } from "./peer.ts";
import type { SiteStore } from "./site-store.ts";

type Code = "AA" | "AE" | "AR" | "CE" | "CR";
/** An acknowledgment, the end of the connection in its place, or nothing. */
type Turn = Code | "close" | undefined;
const refusal = { code: "AE", condition: 204, location: "PID^1^3", text: "unknown" } as const;
const saying = (message: Message, code: Code) =>
  frame(writeAcknowledgment(answerer, message, code, code === "AA" ? undefined : refusal));

/** A far listener that answers each message as a test says, and keeps the control IDs that arrived, in their order. */
export async function listen(answer: (controlId: string, nth: number) => Promise<Turn> | Turn) {
  const arrived: string[] = [];
  const server = await MllpServer.listen({
    host: "127.0.0.1",
    port: 0,
    answer: async (received) => {
      const message = Message.read(received.kind === "payload" ? received.payload : Buffer.alloc(0));
      const turn = await answer(message.controlId, arrived.push(message.controlId));
      if (turn === "close") return { bytes: Buffer.alloc(0), close: true };
      return turn && { bytes: saying(message, turn) };
    },
  });
  return Object.assign(server, { arrived });
}

/** Puts messages into an outbox, each under its control ID. */
export const put = ({ outbox }: Pick<SiteStore, "outbox">, ...controlIds: string[]) =>
  Promise.all(
    controlIds.map((controlId) => {
      const { type, payload } = template.withHeader({ 10: controlId });
      return outbox.put({ type, controlId, payload }, 1);
    }),
  );

/** A courier from the outbox of a site to a far listener. */
export function courier(site: SiteStore, far: { port: number }, observer: Observer = UNWATCHED) {
  const { log, logged, events } = keptLog("info");
  return {
    run: async (stop: AbortController) => {
      await new Courier(site.outbox, senderTo(far), log, observer).run(stop.signal);
      tellWaiting();
    },
    events,
    logged,
  };
}

/** The control IDs that were delivered, each with the number of its tries. */
export const delivered = (site: SiteStore) =>
  site.outbox.lastDelivered(99).map(({ controlId, tries }) => `${controlId} ${tries}`);
/** What waits in the outbox of a site. */
export const waiting = (site: SiteStore) => site.outbox.list().filter(({ setAsideAtMs }) => setAsideAtMs === null);
