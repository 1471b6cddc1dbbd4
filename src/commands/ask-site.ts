import { request } from "node:http";
import { text } from "node:stream/consumers";
import { reasonOf, SafeTunnelError } from "../errors.ts";
import { CONTROL_PORT } from "../site/control-port.ts";

/** Asks the site in this container and returns status and JSON of what it says. Throws `connection-failed`. */
export async function askSite(
  method: "GET" | "POST",
  path: string,
  limitMs: number,
): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const asked = request({ host: "127.0.0.1", port: CONTROL_PORT, path, method, timeout: limitMs }, (answer) => {
    text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body: body.trim() }), reject);
  });
  asked.on("timeout", () => asked.destroy(new Error(`no answer within ${limitMs} ms`))).on("error", reject);
  asked.end();
  return await promise.catch((cause) => {
    throw new SafeTunnelError(
      "connection-failed",
      `the site does not answer on port ${CONTROL_PORT}: ${reasonOf(cause)}`,
      { hint: 'read its last lines with "docker compose logs"', cause },
    );
  });
}
