import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { reasonOf, SafeTunnelError } from "../errors.ts";
import { newControlId, timestamp } from "../hl7/control-id.ts";
import { Message, payloadOfLines } from "../hl7/message.ts";

/** Reads a site's own message. Throws `file-unreadable`, `no-header`. */
export async function readOwnMessage(siteDir: string): Promise<Message> {
  return Message.read(payloadOfLines(await read(join(siteDir, "message.hl7"))));
}

/**
 * Reads a message from a file, or from standard input for "-". A file with one segment a line gets CR between them,
 * as HL7 wants, unless `asIs`, which changes no byte. Throws `file-unreadable`, `no-header`.
 */
export async function readMessage(file: string, asIs: boolean): Promise<Message> {
  const bytes = file === "-" ? await readStandardInput() : await read(file);
  return Message.read(asIs ? bytes : payloadOfLines(bytes));
}

/** Returns a message with the time of now in MSH-7 and a control ID of its own in MSH-10, all else to the byte. */
export function stamp(message: Message): Message {
  return message.withHeader({ 7: timestamp(), 10: newControlId(message.component(9, 1)) });
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new SafeTunnelError("file-unreadable", `cannot read ${path}: ${reasonOf(cause)}`, {
      hint: "name a file inside the container, or pipe one in: docker compose exec -T eai send - < message.hl7",
      cause,
    });
  }
}

async function readStandardInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
