import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { reasonOf, SafeTunnelError } from "../errors.ts";

/** What is answered to a request. */
export interface Page {
  status: number;
  type: string;
  text: string;
}

/** Answers a request by its method and path, "GET /healthz"; `body` reads what came with it. */
export type Answering = (asked: string, body: () => Promise<string>) => Promise<Page>;

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_CONNECTIONS = 64;
const LIMIT_MS = 10_000;

/** Serves pages on one address. Throws `port-in-use`. */
export async function serveHttp(answering: Answering, host: string, port: number): Promise<Server> {
  const server = createServer({ requestTimeout: LIMIT_MS, headersTimeout: LIMIT_MS }, async (request, response) => {
    const page = await answering(`${request.method} ${request.url}`, () => bodyOf(request)).catch((error) =>
      json(500, { error: reasonOf(error) }),
    );
    response.writeHead(page.status, { "content-type": page.type }).end(page.text);
  });
  server.maxConnections = MAX_CONNECTIONS;
  try {
    await once(server.listen(port, host), "listening");
    return server;
  } catch (cause) {
    throw new SafeTunnelError("port-in-use", `cannot serve the health on port ${port}: ${reasonOf(cause)}`, {
      hint: "the site needs this port of its own loopback: move what else listens there",
      cause,
    });
  }
}

/** Returns a page of JSON. */
export const json = (status: number, value: object): Page => ({
  status,
  type: "application/json",
  text: `${JSON.stringify(value)}\n`,
});

/** Returns what is answered to a request that has no page. */
export const notServed = (asked: string): Page => json(404, { error: `${asked} is not served here` });

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_BODY_BYTES) throw new Error(`the body is larger than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
