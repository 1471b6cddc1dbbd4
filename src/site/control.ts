import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { reasonOf, SafeTunnelError } from "../errors.ts";
import type { Health } from "./health.ts";

/** The loopback port on which a site says how it is, and is told to read its files again. */
export const CONTROL_PORT = 9464;

export interface ControlActions {
  health: () => Promise<Health>;
  /** What Stunnel has read, by the digest of its certificates and lists, and of its configuration. */
  loaded: () => { digest: string; conf: string };
  /** Reads certificates and configuration again, what other sides refuse only if forced, and returns what came of it. */
  reload: (force: boolean) => Promise<object>;
}

/**
 * Serves JSON on loopback: GET /healthz is 200 where the site runs, else 503; GET /loaded has the digest of what Stunnel has
 * read; POST /reload, or /reload?force, is 200 where the new files are in use, else 409 with the error.
 *
 * Throws `port-in-use`.
 */
export async function serveControl(actions: ControlActions, port = CONTROL_PORT): Promise<Server> {
  const server = createServer(async (request, response) => {
    const [status, body] = await answer(actions, `${request.method} ${request.url}`);
    response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`);
  });
  try {
    await once(server.listen(port, "127.0.0.1"), "listening");
    return server;
  } catch (cause) {
    throw new SafeTunnelError("port-in-use", `cannot serve the health on port ${port}: ${reasonOf(cause)}`, {
      hint: "the site needs this port of its own loopback: move what else listens there",
      cause,
    });
  }
}

async function answer({ health, loaded, reload }: ControlActions, asked: string): Promise<[number, object]> {
  if (asked === "GET /healthz") {
    const seen = await health();
    return [seen.healthy ? 200 : 503, seen];
  }
  if (asked === "GET /loaded") return [200, loaded()];
  const [, force] = /^POST \/reload(\?force)?$/.exec(asked) ?? ["", "no"];
  if (force === "no") return [404, { error: `${asked} is not served here` }];
  try {
    return [200, await reload(force !== undefined)];
  } catch (error) {
    const { code, hint } = error instanceof SafeTunnelError ? error : { code: undefined, hint: undefined };
    return [409, { error: reasonOf(error), code, hint }];
  }
}
