import { reasonOf, SafeTunnelError } from "../errors.ts";
import { type Acknowledgment, readAcknowledgment } from "../hl7/acknowledgment.ts";
import { lastAsked, modeOf, wants } from "../hl7/acknowledgment-mode.ts";
import type { Message } from "../hl7/message.ts";
import { nameOf, printable } from "../hl7/text.ts";
import type { MllpClient } from "../mllp/client.ts";
import type { Deadline } from "../mllp/deadline.ts";
import { placeOf } from "../mllp/endpoint.ts";
import type { Received } from "../mllp/frame.ts";

/** The acknowledgment that ends an exchange, and in words what came beside it. */
interface Awaited {
  acknowledgment: Acknowledgment;
  ignored: string;
}

/**
 * Waits for the acknowledgment that ends the exchange of a message: its own by MSA-2, and the one that it asked for.
 * Throws `acknowledgment-timeout`, `malformed-acknowledgment`, `malformed-frame`, `connection-reset`, `connection-closed`.
 */
export async function awaitAcknowledgment(client: MllpClient, message: Message, deadline: Deadline): Promise<Awaited> {
  const instead = new Instead();
  while (true) {
    const received = await receive(client, message, deadline, instead);
    if (!received)
      throw new SafeTunnelError(
        "acknowledgment-timeout",
        `no acknowledgment of ${nameOf(message)} from ${placeOf(client.endpoint)} within ${deadline.timeoutMs} ms${instead}`,
        { hint: "the far application may be slow or silent: read its log, or give a longer --timeout" },
      );
    if (received.kind === "outside") instead.outsideBytes += received.lengthBytes;
    else if (received.kind !== "payload") throw brokenFrame(client, received);
    else {
      const acknowledgment = readAcknowledgment(received.payload);
      if (acknowledgment.controlId !== message.controlId) instead.addOther(acknowledgment);
      else if (ends(message, acknowledgment))
        return { acknowledgment: await lastWord(client, message, acknowledgment), ignored: instead.words() };
      else instead.taken = true;
    }
  }
}

/** CA says that a message is kept; where MSH-16 asks for more, only the application's word ends the exchange. */
function ends(message: Message, { code }: Acknowledgment): boolean {
  return code !== "CA" || message.field(16) === "" || lastAsked(modeOf(message)) === "accept";
}

/** Where an error of the application is to be told and no success, it is read if it came together with CA. */
async function lastWord(client: MllpClient, message: Message, taken: Acknowledgment): Promise<Acknowledgment> {
  if (taken.code !== "CA" || !wants(modeOf(message).application, false)) return taken;
  const next = client.arrived();
  if (next?.kind !== "payload") return taken;
  const acknowledgment = readAcknowledgment(next.payload);
  return acknowledgment.controlId === message.controlId ? acknowledgment : taken;
}

/** What came where an acknowledgment was awaited, for the error that says so. */
class Instead {
  /** Whether an accept acknowledgment came for the message, of which its sender wants to hear more. */
  taken = false;
  outsideBytes = 0;
  readonly #named: string[] = [];
  #unnamed = 0;

  /** Notes an acknowledgment of another message; a flood of them takes no memory. */
  addOther({ code, controlId }: Acknowledgment): void {
    // not its text, which may quote a patient: an error stands in logs too
    if (this.#named.length < 3) this.#named.push(`${code} for "${printable(controlId)}"`);
    else this.#unnamed += 1;
  }

  words(): string {
    const came = [...this.#named];
    if (this.#unnamed > 0) came.push(`${this.#unnamed} more`);
    if (this.outsideBytes > 0) came.push(`${this.outsideBytes} bytes outside a frame`);
    return came.join("; ");
  }

  toString(): string {
    const words = this.words();
    const taken = this.taken ? "; it was taken (CA), but the application said nothing" : "";
    return words === "" ? taken : `${taken}; what came instead: ${words}`;
  }
}

async function receive(client: MllpClient, message: Message, deadline: Deadline, instead: Instead) {
  try {
    return await client.receive(deadline);
  } catch (cause) {
    if (!(cause instanceof SafeTunnelError)) throw cause;
    const what = `no acknowledgment of ${nameOf(message)}: ${reasonOf(cause)}${instead}`;
    const answered = `${instead}` !== "";
    const hint = answered ? "the far application answered, but not to this message: read its log" : cause.hint;
    throw new SafeTunnelError(cause.code, what, { hint, cause });
  }
}

function brokenFrame(
  client: MllpClient,
  received: Exclude<Received, { kind: "payload" | "outside" }>,
): SafeTunnelError {
  const how =
    received.kind === "too-large"
      ? `is larger than ${received.limitBytes} bytes`
      : `was not finished after ${received.lengthBytes} bytes`;
  return new SafeTunnelError(
    "malformed-frame",
    `the frame from ${placeOf(client.endpoint)} that begins at byte ${received.atByte} ${how}`,
    { hint: "an acknowledgment is one frame, 0x0B payload 0x1C 0x0D: see the far application's MLLP settings" },
  );
}
