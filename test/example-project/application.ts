/** The application under test: a patient record that sends ADT^A01 and takes MDM^T02. Yours stands in its place. */
import { connect, createServer, type Server, type Socket } from "node:net";
import { addAbortSignal } from "node:stream";
import { text } from "node:stream/consumers";

const [START, END] = ["\x0b", "\x1c\r"];

/** What the application believes of a message. */
export type Outcome = "delivered" | "refused" | "not delivered";

/** Sends a message until it is acknowledged: after AR, and after no acknowledgment, the same message goes again. */
export async function deliver(message: string, open: () => Socket, timeoutMs = 5000): Promise<Outcome> {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const code = await exchange(message, open(), timeoutMs);
    if (code === "AA" || code === "CA") return "delivered";
    if (code === "AE" || code === "CE") return "refused";
  }
  return "not delivered";
}

/** Returns MSA-1 of the acknowledgment of this very message; undefined where none came in time. */
async function exchange(message: string, socket: Socket, timeoutMs: number): Promise<string | undefined> {
  addAbortSignal(AbortSignal.timeout(timeoutMs), socket.setEncoding("latin1"));
  socket.write(START + message + END);
  let received = "";
  try {
    for await (const piece of socket) {
      received += piece;
      if (!received.includes(END)) continue;
      const [, code, controlId] = fieldsOf("MSA", received);
      return controlId === fieldsOf("MSH", message)[9] ? code : undefined;
    }
  } catch {
    // reset, refused in the handshake, or too late: each of them says nothing of the message
  }
  return undefined;
}

/** Takes messages on a plain port: AA for MDM^T02, AE for any other. */
function listen(port: number): Server {
  const server = createServer((socket) => {
    let received = "";
    socket.setEncoding("latin1").on("error", () => socket.destroy());
    socket.on("data", (piece) => {
      const frames = (received + piece).split(END);
      received = frames.pop() ?? "";
      for (const frame of frames) socket.write(START + acknowledge(fieldsOf("MSH", frame)) + END, "latin1");
    });
  });
  return server.listen(port, "127.0.0.1");
}

function acknowledge([
  ,
  ,
  application,
  facility,
  to,
  at,
  ,
  ,
  type = "",
  controlId,
  processing,
  version,
]: string[]): string {
  const code = type.startsWith("MDM^T02") ? "AA" : "AE";
  process.stdout.write(`${type} ${controlId}: ${code}\n`);
  const time = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
  const header = ["MSH", "^~\\&", to, at, application, facility, time, "", "ACK", controlId, processing, version];
  return `${header.join("|")}\rMSA|${code}|${controlId}\r`;
}

/** Returns the fields of the first segment of this name, so that MSA-2 has the index 2, and MSH-10 the index 9. */
const fieldsOf = (segment: string, message: string): string[] =>
  message
    .replace(START, "")
    .split("\r")
    .find((line) => line.startsWith(segment))
    ?.split("|") ?? [];

if (import.meta.main) {
  if (process.argv[2] === "listen") listen(21010);
  else process.stdout.write(await deliver(await text(process.stdin), () => connect(22010, "127.0.0.1")));
}
