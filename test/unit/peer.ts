import { Sender } from "../../src/commands/exchange.ts";
import { readOwnMessage } from "../../src/commands/source.ts";
import { Message } from "../../src/hl7/message.ts";
import type { Refusal } from "../../src/hl7/refusal.ts";
import { acknowledgmentsOf, writeAcknowledgment } from "../../src/hl7/write-acknowledgment.ts";
import { frame } from "../../src/mllp/frame.ts";
import { MllpServer } from "../../src/mllp/server.ts";
import type { Answer as Frames } from "../../src/mllp/server-connection.ts";

export const answerer = { application: "DPI", facility: "CHU_X" };
export const template = await readOwnMessage("eai");

export type Answer = (payload: Buffer) => Promise<Uint8Array | undefined>;

/** A payload as an MllpServer answers it. */
export const inFrame = (payload: Uint8Array | undefined): Frames | undefined => payload && { bytes: frame(payload) };

/** The negative acknowledgment of a message. */
export const refuse = (message: Message, refusal: Refusal): Buffer =>
  acknowledgmentsOf(answerer, message, refusal).payloads[0] as Buffer;

/** A far listener on a port of its own. */
export const serve = (answer: Answer) =>
  MllpServer.listen({
    host: "127.0.0.1",
    port: 0,
    answer: async (received) => (received.kind === "payload" ? inFrame(await answer(received.payload)) : undefined),
  });

export const senderTo = ({ port }: { port: number }, timeoutMs = 2000) =>
  new Sender({ host: "127.0.0.1", port }, { timeoutMs, maxPayloadBytes: 1_000_000 });

export const accept: Answer = async (payload) => writeAcknowledgment(answerer, Message.read(payload));
