/**
 * A program for node in DPI's container: an engine that speaks mutual TLS itself, without a Stunnel. Alone it receives, and
 * tells what; with "send" it sends: how many messages, on one connection or one for each, with which certificate.
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer, type TLSSocket } from "node:tls";
import { readOwnMessage, stamp } from "../../../src/commands/source.ts";
import { readAcknowledgment } from "../../../src/hl7/acknowledgment.ts";
import { Message } from "../../../src/hl7/message.ts";
import { writeAcknowledgment } from "../../../src/hl7/write-acknowledgment.ts";
import { frame } from "../../../src/mllp/frame.ts";
import { FrameDecoder } from "../../../src/mllp/frame-decoder.ts";

const read = (name: string) => readFileSync(`/certs/${name}`);
const trust = { ca: read("ca.crt"), crl: read("ca.crl"), minVersion: "TLSv1.2" } as const;
const pair = (name: string) => (name === "none" ? {} : { cert: read(`${name}.crt`), key: read("dpi.key") });
const tell = (facts: object) => process.stdout.write(`${JSON.stringify(facts)}\n`);

function* payloadsIn(decoder: FrameDecoder, chunk: Buffer): Generator<Buffer> {
  for (const received of decoder.push(chunk)) if (received.kind === "payload") yield received.payload;
}

function receive(socket: TLSSocket): void {
  const decoder = new FrameDecoder();
  socket
    .on("error", () => {})
    .on("data", (chunk: Buffer) => {
      for (const payload of payloadsIn(decoder, chunk)) {
        tell({ received: createHash("sha256").update(payload).digest("hex") });
        socket.write(frame(writeAcknowledgment({ application: "DPI", facility: "CHU_X" }, Message.read(payload))));
      }
    });
}

/** Sends messages over one connection, and tells how each was acknowledged, or what ended it. */
async function send(count: number, certificate: string): Promise<void> {
  const template = await readOwnMessage("/app/dpi");
  // "eai" is also the name that its certificate has to bear
  const socket = connect({ host: "eai", servername: "eai", port: 32200, ...trust, ...pair(certificate) });
  const decoder = new FrameDecoder();
  const acknowledged = Promise.withResolvers<void>();
  let left = count;
  const next = () => (left-- > 0 ? socket.write(frame(stamp(template).payload)) : acknowledged.resolve());
  socket.on("data", (chunk: Buffer) => {
    for (const payload of payloadsIn(decoder, chunk)) {
      tell({ code: readAcknowledgment(payload).code });
      next();
    }
  });
  socket.on("error", acknowledged.reject).on("close", () => acknowledged.reject(new Error("closed without an answer")));
  next();
  await acknowledged.promise.catch((error: Error) => tell({ error: error.message }));
  socket.destroy();
}

const [command, count = "1", connections = "one", certificate = "dpi"] = process.argv.slice(2);
if (command === "send") {
  if (connections === "one") await send(Number(count), certificate);
  else for (let left = Number(count); left > 0; left--) await send(1, certificate);
} else {
  const server = createServer({ ...trust, ...pair("dpi"), requestCert: true }, (socket) => {
    if (socket.getPeerX509Certificate()?.checkHost("eai") === undefined) socket.destroy();
    else receive(socket);
  });
  server.on("tlsClientError", () => {}).listen(32100);
  await once(server, "listening");
  tell({ told: "an engine runs: to eai with a TLS of its own" });
  process.once("SIGTERM", () => process.exit());
}
