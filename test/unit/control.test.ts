import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { SafeTunnelError } from "../../src/errors.ts";
import { type ControlActions, serveControl } from "../../src/site/control.ts";
import { json } from "../../src/site/http.ts";

const refusal = new SafeTunnelError("key-mismatch", "eai.key is not the key of eai.crt", { hint: "put it back" });

/** The one page of these tests that anybody may look at. */
const page = async (asked: string) => (asked === "GET /healthz" ? json(503, { healthy: false }) : undefined);

/** What a site answers, and how often it was told to reload. */
async function prepare(actions: Partial<ControlActions> = {}) {
  const reloads: boolean[] = [];
  const reload = async (force: boolean) => {
    reloads.push(force);
    return { changed: true };
  };
  const loaded = () => ({ digest: "ab12", conf: "cd34" });
  const told: string[] = [];
  const exchanges = (report: string) => void told.push(report);
  const server = await serveControl({ page, loaded, reload, exchanges, ...actions }, 0);
  const { port, address } = server.address() as AddressInfo;
  const ask = async (method: string, path: string, body: string | null = null) => {
    const headers = { connection: "close" };
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers, body });
    return { status: response.status, type: response.headers.get("content-type"), body: await response.json() };
  };
  return { port, address, ask, reloads, told, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const type = "application/json";

test("the pages for all are served, and answer as they say", async () => {
  await using site = await prepare();
  expect(await site.ask("GET", "/healthz")).toEqual({ status: 503, type, body: { healthy: false } });
});

test("a page that fails is 500 with its reason, and the next one is served", async () => {
  await using site = await prepare({ page: () => Promise.reject(new Error("no metrics")) });
  expect(await site.ask("GET", "/metrics")).toEqual({ status: 500, type, body: { error: "no metrics" } });
  expect(await site.ask("GET", "/metrics")).toMatchObject({ status: 500 });
});

test("a report of exchanges is handed on; what is none, or is too large, is refused", async () => {
  await using site = await prepare();
  expect(await site.ask("POST", "/exchanges", "{}")).toEqual({ status: 200, type, body: {} });
  expect((await site.ask("POST", "/exchanges", "x".repeat(1024 * 1024 + 1))).status).toBe(400);
  expect(site.told).toEqual(["{}"]);
  await using picky = await prepare({
    exchanges: () => {
      throw refusal;
    },
  });
  expect(await picky.ask("POST", "/exchanges", "{}")).toMatchObject({ status: 400, body: { code: "key-mismatch" } });
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
  ["GET", "/exchanges"],
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
    { page, exchanges: () => {}, loaded: () => ({ digest: "", conf: "of the conf" }), reload: async () => ({}) },
    site.port,
  );
  await expect(again).rejects.toMatchObject({ code: "port-in-use", message: expect.stringContaining(`${site.port}`) });
});
