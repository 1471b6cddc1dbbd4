import type { Server } from "node:http";
import { reasonOf, SafeTunnelError } from "../errors.ts";
import { CONTROL_PORT } from "./control-port.ts";
import { json, notServed, type Page, serveHttp } from "./http.ts";

export interface ControlActions {
  /** The pages that anybody may look at who reaches this port; undefined where it is none of them. */
  page: (asked: string) => Promise<Page | undefined>;
  /** What Stunnel has read, by the digest of its certificates and lists, and of its configuration. */
  loaded: () => { digest: string; conf: string };
  /** Reads certificates and configuration again, what other sides refuse only if forced, and returns what came of it. */
  reload: (force: boolean) => Promise<object>;
  /** Takes what a "send" beside the site tells of its exchanges. Throws `invalid-setting`. */
  exchanges: (report: string) => void;
}

/**
 * Serves on loopback, beside the pages for all: GET /loaded has the digest of what Stunnel has read; POST /reload, or
 * /reload?force, is 200 where the new files are in use, else 409 with the error; POST /exchanges takes a report.
 *
 * Throws `port-in-use`.
 */
export async function serveControl(actions: ControlActions, port = CONTROL_PORT): Promise<Server> {
  return await serveHttp(
    async (asked, body) => (await actions.page(asked)) ?? (await command(actions, asked, body)),
    "127.0.0.1",
    port,
  );
}

async function command({ loaded, reload, exchanges }: ControlActions, asked: string, body: () => Promise<string>) {
  if (asked === "GET /loaded") return json(200, loaded());
  if (asked === "POST /exchanges")
    return await tried(400, async () => {
      exchanges(await body());
      return {};
    });
  const [, force] = /^POST \/reload(\?force)?$/.exec(asked) ?? ["", "no"];
  if (force === "no") return notServed(asked);
  return await tried(409, () => reload(force !== undefined));
}

async function tried(otherwise: number, action: () => Promise<object>): Promise<Page> {
  try {
    return json(200, await action());
  } catch (error) {
    const { code, hint } = error instanceof SafeTunnelError ? error : { code: undefined, hint: undefined };
    return json(otherwise, { error: reasonOf(error), code, hint });
  }
}
