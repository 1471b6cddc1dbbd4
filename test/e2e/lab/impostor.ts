/**
 * A program for node in a container: poses as both sites, with a Stunnel of its own that shows the identities it is told
 * to. Behind it, it sends to the real sites, and takes whatever they would send to their peer.
 */
import { writeFile } from "node:fs/promises";
import { createServer as createControl } from "node:http";
import { connect, createServer } from "node:net";
import { json } from "node:stream/consumers";
import { Sender } from "../../../src/commands/exchange.ts";
import { readOwnMessage, stamp } from "../../../src/commands/source.ts";
import { reasonOf } from "../../../src/errors.ts";
import { Message } from "../../../src/hl7/message.ts";
import { writeAcknowledgment } from "../../../src/hl7/write-acknowledgment.ts";
import { frame } from "../../../src/mllp/frame.ts";
import { FrameDecoder } from "../../../src/mllp/frame-decoder.ts";
import { readConf } from "../../../src/site/stunnel-conf.ts";
import { Tunnel } from "../../../src/site/tunnel.ts";

type SiteName = "eai" | "dpi";

/** What the impostor shows when it poses as each site, and what else its Stunnel is set to. */
export interface Guise {
  /** The path of a pair without its ending; null shows none. */
  identity: Record<SiteName, string | null>;
  options: string[];
}

/** What came of posing as one site, to the other. */
export interface Attempt {
  /** What the sender in front of our Stunnel got: the code of the acknowledgment or of the error. */
  sent: string;
  /** What our Stunnel said of the connection on which nothing was sent, as client and as server. */
  asClient: string[];
  asServer: string[];
  /** How many bytes our Stunnel handed on that the other site had meant for its peer. */
  heardBytes: number;
}

const CONFIG = "/tmp/impostor.conf";
/** In the plain text behind our Stunnel: where we send to each site, and where what each site sends arrives. */
const TO = { eai: 41001, dpi: 41002 };
const FROM = { eai: 42001, dpi: 42002 };
const TLS_PORT = { eai: 32200, dpi: 32100 };
const OTHER = { eai: "dpi", dpi: "eai" } as const;
const SITES = ["eai", "dpi"] as const;

const heardBytes = { eai: 0, dpi: 0 };
const told: { service: Map<string, string>; lines: Map<string, string[]> } = { service: new Map(), lines: new Map() };
let tunnel: Tunnel | undefined;

function hear(connection: string, text: string): void {
  const service = /^Service \[(.*)\] accepted/.exec(text)?.[1];
  if (service) told.service.set(connection, service);
  told.lines.set(connection, [...(told.lines.get(connection) ?? []), text]);
}

const toldOf = (service: string): string[] => {
  const [first] = [...told.service].filter(([, name]) => name === service);
  return first ? (told.lines.get(first[0]) ?? []) : [];
};

async function begin({ identity, options }: Guise): Promise<{ refused?: string }> {
  await tunnel?.stop(1000);
  tunnel = undefined;
  for (const site of SITES) heardBytes[site] = 0;
  told.service.clear();
  told.lines.clear();
  const pairOf = (path: string | null) => (path ? [`cert = ${path}.crt`, `key = ${path}.key`] : []);
  const services = SITES.flatMap((site) => [
    `[to_${site}]`,
    "client = yes",
    `accept = 127.0.0.1:${TO[site]}`,
    `connect = the-real-${site}:${TLS_PORT[site]}`,
    ...pairOf(identity[OTHER[site]]),
    // a Stunnel cannot be a server without a certificate
    ...(identity[OTHER[site]] === null
      ? []
      : [
          `[from_${site}]`,
          `accept = 0.0.0.0:${TLS_PORT[OTHER[site]]}`,
          `connect = 127.0.0.1:${FROM[site]}`,
          ...pairOf(identity[OTHER[site]]),
        ]),
  ]);
  const global = ["foreground = yes", "pid =", "syslog = no", "debug = info", "securityLevel = 0", ...options];
  await writeFile(CONFIG, [...global, ...services, ""].join("\n"));
  try {
    tunnel = await Tunnel.start(await readConf(CONFIG), ({ connection, text }) => hear(connection, text));
    return {};
  } catch (error) {
    return { refused: reasonOf(error) };
  }
}

/** Opens the way to a site and says nothing: then even a TLS 1.3 client hears why it is refused. */
async function knock(site: SiteName): Promise<void> {
  const closed = Promise.withResolvers<void>();
  const socket = connect(TO[site], "127.0.0.1");
  socket.on("error", () => {}).on("close", () => closed.resolve());
  // a good link stays open; a client of TLS 1.3 is connected first and refused a few milliseconds later
  const isConnected = () => toldOf(`to_${site}`).some((text) => text.startsWith("TLS connected"));
  const look = setInterval(() => {
    if (!isConnected()) return;
    clearInterval(look);
    socket.setTimeout(500, () => socket.destroy());
  }, 20);
  await closed.promise;
  clearInterval(look);
}

async function sendTo(site: SiteName): Promise<string> {
  using sender = new Sender({ host: "127.0.0.1", port: TO[site] }, { timeoutMs: 5000, maxPayloadBytes: 1024 * 1024 });
  const message = stamp(await readOwnMessage(`/app/${OTHER[site]}`));
  return await sender.exchange(message).then(
    ({ acknowledgment }) => acknowledgment.code,
    (error: unknown) => (error instanceof Error && "code" in error ? String(error.code) : reasonOf(error)),
  );
}

async function end(sent: Record<SiteName, string>): Promise<Record<SiteName, Attempt>> {
  await tunnel?.stop(2000);
  tunnel = undefined;
  const attempt = (site: SiteName): Attempt => ({
    sent: sent[site],
    asClient: toldOf(`to_${site}`),
    asServer: toldOf(`from_${site}`),
    heardBytes: heardBytes[site],
  });
  return { eai: attempt("eai"), dpi: attempt("dpi") };
}

for (const site of SITES)
  createServer((socket) => {
    const decoder = new FrameDecoder(1024 * 1024);
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      heardBytes[site] += chunk.length;
      for (const received of decoder.push(chunk))
        if (received.kind === "payload")
          socket.write(
            frame(writeAcknowledgment({ application: "IMPOSTOR", facility: "LAB" }, Message.read(received.payload))),
          );
    });
  }).listen(FROM[site], "127.0.0.1");

const sent = { eai: "", dpi: "" };
createControl(async (request, response) => {
  const answer = async () => {
    if (request.url === "/begin") return await begin((await json(request)) as Guise);
    if (request.url === "/end") return await end(sent);
    await Promise.all(SITES.map(knock));
    [sent.eai, sent.dpi] = await Promise.all([sendTo("eai"), sendTo("dpi")]);
    return {};
  };
  response.end(JSON.stringify(await answer()));
}).listen(9000);
