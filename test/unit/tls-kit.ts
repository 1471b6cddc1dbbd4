import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, TLSSocket, type TlsOptions } from "node:tls";
import forge from "node-forge";
import { type MockInstance, vi } from "vitest";
import type { Finding, Status } from "../../src/check/finding.ts";
import type { Target } from "../../src/check/probe/link.ts";
import type { Reached } from "../../src/check/probe/reach.ts";
import { untrusted } from "../../src/check/probe/untrusted.ts";
import { createLeaf, generateKey, type Pair } from "../../stunnel/certificates.ts";
import { Scratch } from "./scratch.ts";
import { authority, daysAfter, ecPair, stranger } from "./trust-kit.ts";

type GiveKey = (options: object, give: (error: null, pair: { privateKey: forge.pki.PrivateKey }) => void) => void;

// the smallest key that TLS 1.3 can sign with
const key = await generateKey(1024);

// check makes one key for itself, of a length that passes anywhere, and keeps it: here it is given ours
const making = vi.spyOn(forge.pki.rsa, "generateKeyPair") as unknown as MockInstance<GiveKey>;
making.mockImplementation((_options, give) => give(null, { privateKey: forge.pki.privateKeyFromPem(key) }));
await untrusted({ chain: undefined } as Target);
making.mockRestore();

const own = (issuer: Pair, name = "eai", days = 0): Pair => ({
  key,
  certificate: createLeaf(name, [name], key, issuer, daysAfter(days)),
});

/** What a site shows, and what its peer has to refuse: ended, of another name, of an authority that nobody knows. */
export const eai = own(authority);
export const expired = own(authority, "eai", -500);
export const sibling = own(authority, "sibling");
export const unknown = own(stranger);

/** The peer, over an EC key, since RSA of a length that passes takes long to make. */
export const dpi = (() => {
  using scratch = new Scratch();
  scratch.write("ca.crt", authority.certificate);
  scratch.write("ca.key", authority.key);
  const usages = ["keyUsage=critical,digitalSignature", "extendedKeyUsage=serverAuth,clientAuth"];
  const extensions = ["subjectAltName=DNS:dpi", ...usages].flatMap((extension) => ["-addext", extension]);
  return ecPair(scratch, "dpi", "/CN=dpi", "ca", ...extensions);
})();

/** The keys here are too short for what OpenSSL asks for by itself. */
const ciphers = "DEFAULT:@SECLEVEL=0";
const shown = { cert: dpi.certificate, key: dpi.key, ciphers };
/** What makes a server of Node's ask for a certificate of the authority. */
export const verifying = { requestCert: true, rejectUnauthorized: true, ca: authority.certificate };

async function listen(server: Server) {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => void sockets.add(socket.on("error", () => {})));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    server,
    endpoint: { host: "127.0.0.1", port },
    taken: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      if (server.listening) await server[Symbol.asyncDispose]();
    },
  };
}

/** A TLS port of a Node server; what it does with a connection is given, or nothing. */
export const serveTls = (options: TlsOptions = {}, take: (socket: TLSSocket) => void = () => {}) =>
  listen(
    createTlsServer({ ...shown, ...options }, (socket) => {
      take(socket.on("error", () => {}).resume() as TLSSocket);
    }).on("tlsClientError", () => {}),
  );

/** What a port does with a connection on which something was said. */
export type Behaviour = (socket: Socket) => void;

const once1 = (then: (socket: Socket) => void): Behaviour => {
  return (socket) => void socket.once("data", () => then(socket));
};
export const alerts = (number: number) => once1((socket) => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, number])));
export const closes = once1((socket) => socket.end());
export const resets = once1((socket) => socket.resetAndDestroy());
export const talks = once1((socket) => socket.write("\x0bMSA|AA\x1c\r"));
export const isSilent: Behaviour = (socket) => void socket.resume();
/** Speaks TLS, and verifies nothing. */
export const takes: Behaviour = (socket) => {
  new TLSSocket(socket, { ...shown, isServer: true }).on("error", () => {}).resume();
};

/** A port that does one thing after the other, the last one again and again. */
export const serve = (...behaviours: Behaviour[]) => {
  let turn = 0;
  return listen(
    createServer((socket) => behaviours[Math.min(turn++, behaviours.length - 1)]?.(socket.on("error", () => {}))),
  );
};

/** What is known of the peer behind a port; it takes our certificate unless a test shows another. */
export const targetOf = ({ endpoint }: Pick<Target, "endpoint">, more: Partial<Target> = {}): Target => ({
  endpoint,
  names: ["dpi"],
  identity: eai,
  chain: [new X509Certificate(eai.certificate)],
  authorities: [new X509Certificate(authority.certificate)],
  ...more,
});

export const reached: Reached = { state: "open", addresses: ["127.0.0.1"], connectMs: 1 };

/** Awaits all findings of a generator. */
export async function all(findings: AsyncIterable<Finding>): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const finding of findings) found.push(finding);
  return found;
}

/** The status of each finding by its id. */
export const statuses = (findings: Finding[]): Record<string, Status> =>
  Object.fromEntries(findings.map(({ id, status }) => [id, status]));
