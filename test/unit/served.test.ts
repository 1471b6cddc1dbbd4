import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { afterAll, describe, expect, test } from "vitest";
import { servedBy } from "../../stunnel/served.ts";
import { Scratch } from "./scratch.ts";
import { ecPair } from "./trust-kit.ts";

const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());
const { certificate: cert, key } = ecPair(scratch, "eai", "/CN=eai");

async function listen(server: Server) {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const endpoint = { host: "127.0.0.1", port };
  return { endpoint, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** A server that reads whatever comes, so that it hears of the end. */
const answering = (answer: (socket: Socket) => void) =>
  createServer((socket) => answer(socket.on("error", () => {}).resume()));

const serveTls = (options: TlsOptions) => {
  const server = createTlsServer({ cert, key, ...options }, (socket) => socket.on("error", () => {}).end());
  return listen(server.on("tlsClientError", () => {}));
};

describe("a TLS port shows its certificate", () => {
  test.each(["TLSv1.2", "TLSv1.3"] as const)(
    "over %s, though it asks for one that it does not get",
    async (version) => {
      const onlyWith = { requestCert: true, rejectUnauthorized: true, ca: cert };
      await using tls = await serveTls({ minVersion: version, maxVersion: version, ...onlyWith });
      const { fingerprint256 } = await servedBy(tls.endpoint);
      expect(fingerprint256).toBe(new X509Certificate(cert).fingerprint256);
    },
  );

  test("to whoever connects", async () => {
    await using tls = await serveTls({});
    expect((await servedBy(tls.endpoint)).subject).toBe("CN=eai");
  });
});

describe("no certificate is shown", () => {
  const refused = (endpoint: { port: number }, why: RegExp) => ({
    code: "connection-failed",
    message: expect.stringMatching(
      new RegExp(`^no certificate is shown on 127.0.0.1:${endpoint.port}: .*${why.source}`),
    ),
    hint: expect.stringContaining("TLS port"),
  });

  test("on a port that speaks no TLS", async () => {
    await using plain = await listen(answering((socket) => socket.end("MSH|^~\\&|\r")));
    await expect(servedBy(plain.endpoint)).rejects.toMatchObject(refused(plain.endpoint, /wrong version number/));
  });

  test("on one that closes at once", async () => {
    await using shut = await listen(
      createServer((socket) =>
        socket
          .on("error", () => {})
          .end()
          .resume(),
      ),
    );
    await expect(servedBy(shut.endpoint)).rejects.toMatchObject(refused(shut.endpoint, /disconnected|closed|reset/i));
  });

  test("on a closed one", async () => {
    const gone = await listen(createServer());
    await gone[Symbol.asyncDispose]();
    await expect(servedBy(gone.endpoint)).rejects.toMatchObject(refused(gone.endpoint, /ECONNREFUSED/));
  });

  test("on one that says nothing, within the limit", async () => {
    await using silent = await listen(answering(() => {}));
    await expect(servedBy(silent.endpoint, 20)).rejects.toMatchObject(refused(silent.endpoint, /nothing within 20 ms/));
  });
});
