import pino from "pino";
import { Courier } from "../../src/commands/deliver.ts";
import { Message } from "../../src/hl7/message.ts";
import { writeAcknowledgment } from "../../src/hl7/write-acknowledgment.ts";
import { type Answer, answerer, senderTo, serve, template } from "./peer.ts";
import type { SiteStore } from "./site-store.ts";

type Code = "AA" | "AE" | "AR" | "CE" | "CR";
const refusal = { code: "AE", condition: 204, location: "PID^1^3", text: "unknown" } as const;
const saying = (payload: Buffer, code: Code) =>
  writeAcknowledgment(answerer, Message.read(payload), code, code === "AA" ? undefined : refusal);

/** A far listener that answers each message as a test says, and keeps the control IDs that arrived, in their order. */
export async function listen(answer: (controlId: string, nth: number) => Promise<Code | undefined> | Code | undefined) {
  const arrived: string[] = [];
  const answers: Answer = async (payload) => {
    const { controlId } = Message.read(payload);
    const code = await answer(controlId, arrived.push(controlId));
    return code && saying(payload, code);
  };
  const server = await serve(answers);
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
export function courier(site: SiteStore, far: { port: number }) {
  const lines: string[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void lines.push(line) });
  return {
    run: (stop: AbortController) => new Courier(site.outbox, senderTo(far), log).run(stop.signal),
    events: () => lines.map((line) => JSON.parse(line).event),
    logged: () => lines.join(""),
  };
}

/** The control IDs that were delivered, each with the number of its tries. */
export const delivered = (site: SiteStore) =>
  site.outbox.lastDelivered(99).map(({ controlId, tries }) => `${controlId} ${tries}`);
/** What waits in the outbox of a site. */
export const waiting = (site: SiteStore) => site.outbox.list().filter(({ setAsideAtMs }) => setAsideAtMs === null);
