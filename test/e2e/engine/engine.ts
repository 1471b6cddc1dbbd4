import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { must, ROOT, type Sandbox, TAG } from "../sandbox/index.ts";

/** The composition files of a real engine in the place of DPI, with MLLP implementations of others as that engine. */
export const engineAs = (overlay: "sidecar" | "machine"): string[] => [
  `overlays/${overlay}.yml`,
  "test/e2e/engine/engine.yml",
];
export const ENGINE_IMAGE = `mllp-safetunnel/engine:${TAG}`;

/** Builds the image of the engine. */
export const buildEngine = () => {
  const files = ["docker-compose.yml", ...engineAs("sidecar")].flatMap((file) => ["-f", file]);
  return must("docker", ["compose", ...files, "build", "--quiet", "engine"], { env: { ENGINE_IMAGE } });
};

/** What the engine's listener saw: bytes at its socket, both ways, and the messages as its library gave them. */
interface Seen {
  received: Buffer;
  sent: Buffer;
  messages: Buffer[];
}

/** What came of a message that the engine sent: bytes at its socket, both ways, and what its library made of them. */
interface Sent {
  sent: Buffer;
  received: Buffer;
  acknowledgment?: string;
  error?: string;
}

type Told = Partial<Record<"received" | "sent" | "message", string>>;

/** Returns all that the engine's listener has seen so far. */
export async function seenByEngine(sandbox: Sandbox): Promise<Seen> {
  const text = await must("docker", ["logs", `${sandbox.project}-engine-1`]);
  const told = text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Told);
  const of = (way: keyof Told) => told.flatMap((line) => (line[way] === undefined ? [] : [bytesIn(line[way])]));
  return { received: Buffer.concat(of("received")), sent: Buffer.concat(of("sent")), messages: of("message") };
}

/** Has a library of the engine send a payload to a plain port. */
export async function sendFromEngine(
  sandbox: Sandbox,
  library: "mllp-node" | "node-hl7-client",
  [host, port]: [string, number],
  payload: Buffer,
): Promise<Sent> {
  const args = ["exec", "-T", "engine", "node", "send.mjs", library, host, String(port)];
  const { stdout, stderr } = await sandbox.compose(args, { input: payload });
  if (!stdout.startsWith("{")) throw new Error(`the engine did not send: ${stdout}${stderr}`);
  const told = JSON.parse(stdout) as { sent: string; received: string; acknowledgment?: string; error?: string };
  return { ...told, sent: bytesIn(told.sent), received: bytesIn(told.received) };
}

/** The frame of a payload. */
export const framed = (payload: Uint8Array | string): Buffer =>
  Buffer.concat([Buffer.of(0x0b), Buffer.from(payload as string), Buffer.of(0x1c, 0x0d)]);

/** DPI's own message with a control ID, as HL7 has it: each segment ends with CR. */
export async function movement(controlId: string): Promise<Buffer> {
  const text = await readFile(join(ROOT, "dpi/message.hl7"), "utf8");
  return Buffer.from(text.replaceAll("\n", "\r").replace(/ADT\d{17}/, controlId));
}

const bytesIn = (base64: string): Buffer => Buffer.from(base64, "base64");
