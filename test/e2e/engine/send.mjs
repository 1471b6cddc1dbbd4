// send.mjs <library> <host> <port>: sends the payload of standard input, and prints what was sent and what came back.
import { text } from "node:stream/consumers";
import mllp from "mllp-node";
import { Client, Message } from "node-hl7-client";
import { tellBytes } from "./wire.mjs";

const [library, host, port] = process.argv.slice(2);
const payload = await text(process.stdin);
const bytes = { sent: [], received: [] };
tellBytes((line) => {
  for (const [way, chunk] of Object.entries(line)) bytes[way].push(Buffer.from(chunk, "base64"));
});

function end(outcome) {
  const of = (way) => Buffer.concat(bytes[way]).toString("base64");
  process.stdout.write(`${JSON.stringify({ sent: of("sent"), received: of("received"), ...outcome })}\n`);
  process.exit("error" in outcome ? 1 : 0);
}

setTimeout(() => end({ error: "no acknowledgment within 5 s" }), 5000);
if (library === "node-hl7-client") {
  const client = new Client({ host });
  client.on("error", () => {});
  const connection = client.createConnection({ port: Number(port) }, (response) =>
    end({ acknowledgment: response.getMessage().toString() }),
  );
  connection.on("error", (error) => end({ error: error.message }));
  connection.on("client.error", (error) => end({ error: error.message }));
  await connection.sendMessage(new Message({ text: payload }));
} else {
  // it listens as well, as soon as it is made: anywhere
  new mllp.MLLPServer("127.0.0.1", 6969, () => {}).send(host, Number(port), payload, (error, acknowledgment) =>
    end(error ? { error: error.message } : { acknowledgment }),
  );
}
