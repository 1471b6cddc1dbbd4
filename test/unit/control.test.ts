import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { SafeTunnelError } from "../../src/errors.ts";
import { type ControlActions, serveControl } from "../../src/site/control.ts";

const healthy = { healthy: true, stunnel: true, closedPorts: [], listener: true };
const refusal = new SafeTunnelError("key-mismatch", "eai.key is not the key of eai.crt", { hint: "put it back" });

/** What a site answers, and how often it was told to reload. */
async function prepare(actions: Partial<ControlActions> = {}) {
  const reloads: boolean[] = [];
  const reload = async (force: boolean) => {
    reloads.push(force);
    return { changed: true };
  };
  const loaded = () => ({ digest: "ab12", conf: "cd34" });
  const server = await serveControl({ health: async () => healthy, loaded, reload, ...actions }, 0);
  const { port, address } = server.address() as AddressInfo;
  const ask = async (method: string, path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers: { connection: "close" } });
    return { status: response.status, type: response.headers.get("content-type"), body: await response.json() };
  };
  return { port, address, ask, reloads, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const type = "application/json";

test("health is 200 where the site runs, and 503 where it does not", async () => {
  await using good = await prepare();
  expect(await good.ask("GET", "/healthz")).toEqual({ status: 200, type, body: healthy });
  await using bad = await prepare({ health: async () => ({ ...healthy, healthy: false }) });
  expect(await bad.ask("GET", "/healthz")).toMatchObject({ status: 503, body: { healthy: false } });
});

test("a reload is 200 with what came of it", async () => {
  await using site = await prepare();
  expect(await site.ask("POST", "/reload")).toEqual({ status: 200, type, body: { changed: true } });
  expect(await site.ask("POST", "/reload?force")).toMatchObject({ status: 200 });
  expect(site.reloads).toEqual([false, true]);
});

test("what Stunnel has read is told by its digest", async () => {
  await using site = await prepare();
  expect(await site.ask("GET", "/loaded")).toEqual({ status: 200, type, body: { digest: "ab12", conf: "cd34" } });
});

test("and 409 with the error, code and hint, or with the words of one that has none", async () => {
  await using refused = await prepare({ reload: () => Promise.reject(refusal) });
  const { code, hint, message } = refusal;
  expect(await refused.ask("POST", "/reload")).toEqual({ status: 409, type, body: { error: message, code, hint } });
  await using broken = await prepare({ reload: () => Promise.reject(new Error("no")) });
  expect(await broken.ask("POST", "/reload")).toEqual({ status: 409, type, body: { error: "no" } });
});

test.each([
  ["GET", "/reload"],
  ["POST", "/healthz"],
  ["POST", "/reload?forced"],
  ["GET", "/"],
])("%s %s is not served, and does nothing", async (method, path) => {
  await using site = await prepare();
  const body = { error: `${method} ${path} is not served here` };
  expect(await site.ask(method, path)).toEqual({ status: 404, type, body });
  expect(site.reloads).toEqual([]);
});

test("it listens on loopback only, on a port that is its own", async () => {
  await using site = await prepare();
  expect(site.address).toBe("127.0.0.1");
  const again = serveControl(
    { health: async () => healthy, loaded: () => ({ digest: "", conf: "of the conf" }), reload: async () => ({}) },
    site.port,
  );
  await expect(again).rejects.toMatchObject({ code: "port-in-use", message: expect.stringContaining(`${site.port}`) });
});
