import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { examine, HEALTH_ADDRESS } from "../../src/site/health.ts";

/** A port with a listener behind it, and how a site looks whose every port that is. */
async function prepare() {
  const server = createServer((socket) => socket.resume());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const source = { stunnelRuns: () => true, ports: [port], listenPort: port };
  return { server, port, source, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]().catch(() => {}) };
}

test("a site is healthy when Stunnel runs, its ports are open and its listener takes a connection", async () => {
  await using site = await prepare();
  const health = await examine(site.source);
  expect(health).toEqual({ healthy: true, stunnel: true, closedPorts: [], listener: true });
});

test("its own connection to the listener is known by where it comes from", async () => {
  await using site = await prepare();
  const came = once(site.server, "connection");
  await examine(site.source);
  expect((await came)[0].remoteAddress).toBe(HEALTH_ADDRESS);
});

test("it is not when Stunnel is gone", async () => {
  await using site = await prepare();
  const health = await examine({ ...site.source, stunnelRuns: () => false });
  expect(health).toMatchObject({ healthy: false, stunnel: false });
});

test("it is not when a port is closed, and says which", async () => {
  await using site = await prepare();
  const health = await examine({ ...site.source, ports: [site.port, 1] });
  expect(health).toMatchObject({ healthy: false, closedPorts: [1] });
});

test("it is not when its listener takes no connection", async () => {
  await using site = await prepare();
  const health = await examine({ ...site.source, listenPort: 1 });
  expect(health).toMatchObject({ healthy: false, listener: false });
});
