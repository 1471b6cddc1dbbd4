import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { serveWatch, watchPages } from "../../src/watch/serve.ts";

const healthy = { healthy: true, stunnel: true, closedPorts: [], listener: true };
const ready = { ready: true, verdict: "MDM^T02 was answered AA in 38 ms", since: "2026-01-15T09:30:00.000Z" };
const metrics = { scrape: async () => ({ type: "text/plain; version=0.0.4", text: "mllp_link_up 1\n" }) };
const all = { health: async () => healthy, ready: async () => ready, metrics };

test("health and readiness are 200 where it is so, with what was seen in words", async () => {
  const page = watchPages(all);
  expect(await page("GET /healthz")).toMatchObject({ status: 200, text: `${JSON.stringify(healthy)}\n` });
  expect(await page("GET /readyz")).toMatchObject({ status: 200, text: `${JSON.stringify(ready)}\n` });
});

test("and 503 where it is not", async () => {
  const health = async () => ({ ...healthy, healthy: false });
  const page = watchPages({ ...all, health, ready: async () => ({ ...ready, ready: false }) });
  expect(await page("GET /healthz")).toMatchObject({ status: 503 });
  expect(await page("GET /readyz")).toMatchObject({ status: 503 });
});

test("metrics are what Prometheus reads", async () => {
  expect(await watchPages(all)("GET /metrics")).toEqual({ status: 200, ...(await metrics.scrape()) });
});

test.each(["POST /metrics", "GET /loaded", "POST /reload", "GET constructor"])(
  "%s is none of the pages",
  async (asked) => {
    expect(await watchPages(all)(asked)).toBeUndefined();
  },
);

test("on the network there are the pages and nothing else, on the address of the name alone", async () => {
  await using server = await serveWatch(watchPages(all), "localhost", 0);
  const { port, address } = server.address() as AddressInfo;
  expect(["127.0.0.1", "::1"]).toContain(address);
  const status = async (method: string, path: string) =>
    (await fetch(`http://localhost:${port}${path}`, { method, headers: { connection: "close" } })).status;
  expect(await status("GET", "/metrics")).toBe(200);
  expect(await status("POST", "/reload")).toBe(404);
  expect(await status("POST", "/exchanges")).toBe(404);
  expect(await status("GET", "/loaded")).toBe(404);
});

test("a name that does not resolve is told by its variable", async () => {
  await expect(serveWatch(watchPages(all), "metrics.invalid", 0)).rejects.toMatchObject({
    code: "name-not-resolved",
    message: expect.stringContaining("WATCH_HOST is metrics.invalid"),
  });
});
