import { constants } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls";
import { Message } from "../../../src/hl7/message.ts";
import type { Refusal } from "../../../src/hl7/refusal.ts";
import { writeAcknowledgment } from "../../../src/hl7/write-acknowledgment.ts";
import { frame } from "../../../src/mllp/frame.ts";
import { FrameDecoder } from "../../../src/mllp/frame-decoder.ts";

const STRONG = "TLS_AES_256_GCM_SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256";
const REFUSAL: Refusal = { code: "AR", condition: 200, location: "MSH^1^9", text: "not what was agreed" };

type Application = (socket: Socket) => void;

const ANSWERER = { application: "DPI", facility: "NODE" };
const KNOWN = ["ADT", "MDM"];

/** Acknowledges messages of the kinds that it knows, and refuses the others with the code of a refusal. */
const application =
  (refusal: Refusal, known: string[]): Application =>
  (socket) => {
    const decoder = new FrameDecoder();
    socket.on("data", (chunk) => {
      for (const received of decoder.push(chunk))
        if (received.kind === "payload") socket.write(frame(acknowledgmentOf(received.payload, refusal, known)));
    });
  };

function acknowledgmentOf(payload: Buffer, refusal: Refusal, known: string[]): Buffer {
  try {
    const message = Message.read(payload);
    return known.includes(message.component(9, 1))
      ? writeAcknowledgment(ANSWERER, message)
      : writeAcknowledgment(ANSWERER, message, refusal.code, refusal);
  } catch {
    return writeAcknowledgment(ANSWERER, undefined, refusal.code, refusal);
  }
}

const acknowledges = application(REFUSAL, KNOWN);

const isSilent: Application = (socket) => void socket.resume();

/** What stands before an application that is not there: a port of loopback that nothing can listen on. */
const isDown: Application = (socket) => {
  const behind = connect(0, "127.0.0.1").on("error", () => socket.destroy());
  socket.pipe(behind).pipe(socket);
};

/** Who is let in: `then` the application, for a client that bears the name. */
const named = (then: Application) => (socket: TLSSocket) =>
  socket.getPeerX509Certificate()?.checkHost("eai") === undefined ? socket.destroy() : then(socket);

/** Node servers in the place of a DPI's Stunnel, on ports of loopback by what they are. */
export async function startNodePeers(pki: string) {
  const read = (file: string) => readFileSync(join(pki, file));
  const good: TlsOptions = {
    cert: read("dpi/dpi.crt"),
    key: read("dpi/dpi.key"),
    ca: read("dpi/ca.crt"),
    crl: read("dpi/ca.crl"),
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: "TLSv1.2",
    ciphers: STRONG,
    // no session is resumed
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
  const tls = (options: TlsOptions, then: (socket: TLSSocket) => void = named(acknowledges)) =>
    createTlsServer({ ...good, ...options }, then);
  const faulty = (fault: string) =>
    tls({ cert: read(`lab/${fault}/dpi.faulty.crt`), key: read(`lab/${fault}/dpi.faulty.key`) });
  const servers = {
    right: tls({}),
    "right, checks by hand": tls({ rejectUnauthorized: false }, (socket) =>
      socket.authorized ? named(acknowledges)(socket) : socket.destroy(),
    ),
    "resumes sessions": tls({ secureOptions: 0 }),
    "takes the suites of Node": tls({ ciphers: undefined }),
    "takes a suite that does not encrypt": tls({ ciphers: `${STRONG}:NULL-SHA256:@SECLEVEL=0` }),
    "believes another authority": tls({ ca: read("lab/self-signed/dpi.faulty.crt"), crl: undefined }),
    "application down": tls({}, named(isDown)),
    "application silent": tls({}, named(isSilent)),
    expired: faulty("expired"),
    "wrong host": faulty("wrong-host"),
    "untrusted root": faulty("untrusted-root"),
    "plain, and silent to a hello": createServer(isSilent),
    frozen: createServer({ allowHalfOpen: true, pauseOnConnect: true }),
  } satisfies Record<string, Server>;
  const all = Object.entries<Server>(servers);
  const open = new Set<Socket>();
  for (const [, server] of all) {
    // a client that goes away is nobody's fault here
    for (const event of ["connection", "secureConnection"])
      server.on(event, (socket: Socket) => {
        open.add(socket.on("error", () => {}));
        socket.on("close", () => open.delete(socket));
      });
    server.on("tlsClientError", () => {}).listen(0, "127.0.0.1");
    await once(server, "listening");
  }
  return {
    ports: Object.fromEntries(all.map(([name, server]) => [name, (server.address() as AddressInfo).port])),
    [Symbol.asyncDispose]: async () => {
      const closed = all.map(([, server]) => server[Symbol.asyncDispose]());
      for (const socket of open) socket.destroy();
      await Promise.all(closed);
    },
  };
}
