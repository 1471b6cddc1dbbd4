import type { X509Certificate } from "node:crypto";
import { connect } from "node:tls";
import { reasonOf, SafeTunnelError } from "../src/errors.ts";
import { type Endpoint, placeOf } from "../src/mllp/endpoint.ts";

/**
 * Returns the certificate that a TLS port shows at this moment to whoever connects. No certificate is shown to it, so a
 * port that asks for one refuses us after that, and says so in its log.
 *
 * Throws `connection-failed`.
 */
export async function servedBy(endpoint: Endpoint, timeoutMs = 3000): Promise<X509Certificate> {
  const { promise, resolve, reject } = Promise.withResolvers<X509Certificate>();
  const { host, port } = endpoint;
  const fail = (why: string, cause?: unknown) =>
    reject(
      new SafeTunnelError("connection-failed", `no certificate is shown on ${placeOf(endpoint)}: ${why}`, {
        hint: "see whether Stunnel runs, and that this is its TLS port",
        cause,
      }),
    );
  const socket = connect({ host, port, rejectUnauthorized: false, timeout: timeoutMs });
  const look = () => socket.getPeerX509Certificate();
  socket
    .on("secureConnect", () => {
      const shown = look();
      if (shown) resolve(shown);
    })
    // in TLS 1.2 the refusal comes within the handshake, after the certificate
    .on("error", (error) => {
      const shown = look();
      if (shown) resolve(shown);
      else fail(reasonOf(error), error);
    })
    .on("close", () => fail("the connection was closed"))
    .on("timeout", () => fail(`nothing within ${timeoutMs} ms`));
  return await promise.finally(() => socket.destroy());
}
