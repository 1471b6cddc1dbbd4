import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";
import { site as eai } from "../../eai/site.ts";
import type { Exchange } from "../../src/commands/exchange.ts";
import { SiteReport } from "../../src/commands/tell-site.ts";
import { SafeTunnelError } from "../../src/errors.ts";
import { readAcknowledgment } from "../../src/hl7/acknowledgment.ts";
import { traceOf } from "../../src/hl7/claim.ts";
import { writeAcknowledgment } from "../../src/hl7/write-acknowledgment.ts";
import { serveControl } from "../../src/site/control.ts";
import { tellReport } from "../../src/watch/exchange-report.ts";
import { hearing } from "./heard.ts";
import { answerer, template } from "./peer.ts";

const here = { host: "127.0.0.1", port: eai.sendPort };
const acknowledgment = readAcknowledgment(writeAcknowledgment(answerer, template, "AA"));
const exchange: Exchange = { message: template, acknowledgment, ignored: "", durationMs: 38, from: "127.0.0.1:4711" };
const { from } = exchange;
const about = traceOf(template);
const named = { type: "MDM^T02", controlId: template.controlId, traceId: about.traceId };
const told = { fact: "exchanged", ...named, code: "AA", sizeBytes: template.payload.length, durationMs: 38, from };

/** A site that hears what is reported to it. */
async function prepare() {
  const ears = hearing();
  const reports: string[] = [];
  const exchanges = (report: string) => {
    reports.push(report);
    tellReport(report, "eai", ears.observer);
  };
  const page = async () => undefined;
  const loaded = () => ({ digest: "", conf: "" });
  const server = await serveControl({ page, loaded, reload: async () => ({}), exchanges }, 0);
  const { port } = server.address() as AddressInfo;
  return { port, reports, ...ears, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test("what a send beside the site has exchanged is told to it in one piece, and what failed with its words", async () => {
  await using site = await prepare();
  const report = new SiteReport(eai, here, site.port);
  report.exchanged(exchange, about);
  report.exchanged(exchange, about);
  report.failed(about, new SafeTunnelError("connection-reset", "it was reset\n", { hint: "see the log" }), from);
  report.hand();
  const failed = { fact: "exchangeFailed", ...named, sendable: true, error: "connection-reset" };
  await expect.poll(() => site.heard, { interval: 1 }).toHaveLength(3);
  expect(site.heard).toEqual([told, told, { ...failed, reason: "it was reset?", hint: "see the log", from }]);
  expect(site.reports).toHaveLength(1);
});

test("a long run is told piece by piece, none of it twice", async () => {
  await using site = await prepare();
  const report = new SiteReport(eai, here, site.port);
  for (let sent = 0; sent < 1201; sent += 1) report.exchanged(exchange, about);
  report.hand();
  await expect.poll(() => site.heard.length, { interval: 1 }).toBe(1201);
  expect(site.reports).toHaveLength(3);
});

test("what went to another place than the site's own tunnel is none of its exchanges, and nothing is said of nothing", async () => {
  await using site = await prepare();
  for (const place of [
    { ...here, port: 2575 },
    { ...here, host: "dpi.example" },
  ]) {
    const report = new SiteReport(eai, place, site.port);
    report.exchanged(exchange, about);
    report.hand();
  }
  new SiteReport(eai, here, site.port).hand();
  const last = new SiteReport(eai, here, site.port);
  last.exchanged({ ...exchange, durationMs: 99 }, about);
  last.hand();
  await expect.poll(() => site.heard.some(({ durationMs }) => durationMs === 99), { interval: 1 }).toBe(true);
  expect(site.heard).toEqual([{ ...told, durationMs: 99 }]);
});

test("where no site listens, or one that hangs, nothing is said of it, and nobody waits for long", async () => {
  await using hanging = createServer({ allowHalfOpen: true });
  await once(hanging.listen(0, "127.0.0.1"), "listening");
  const taken = once(hanging, "connection");
  const { port } = hanging.address() as AddressInfo;
  const sockets = () => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
  // those of the tests before may still be about to close
  await expect.poll(sockets, { interval: 5 }).toBe(0);
  for (const place of [1, port]) {
    const report = new SiteReport(eai, here, place);
    report.exchanged(exchange, about);
    report.hand();
  }
  const [socket] = await taken;
  // the end of the site that hangs, and none of ours that would keep a process
  await expect.poll(sockets, { interval: 5 }).toBe(1);
  socket.destroy();
});

test.each([
  ["no JSON", "hello"],
  ["no object", "null"],
  ["another site's", JSON.stringify({ site: "dpi", exchanged: [], failed: [] })],
  ["no list", JSON.stringify({ site: "eai", exchanged: {}, failed: [] })],
  ["no number", JSON.stringify({ site: "eai", exchanged: [{ ...told, durationMs: "1" }], failed: [] })],
  ["a negative size", JSON.stringify({ site: "eai", exchanged: [{ ...told, sizeBytes: -1 }], failed: [] })],
  ["no text", JSON.stringify({ site: "eai", exchanged: [{ ...told, type: {} }], failed: [] })],
  ["an unknown error", JSON.stringify({ site: "eai", exchanged: [told], failed: [{ ...named, error: "defect" }] })],
])("a report that is %s is refused, and none of it is told", (_, text) => {
  const { heard, observer } = hearing();
  expect(() => tellReport(text, "eai", observer)).toThrow(expect.objectContaining({ code: "invalid-setting" }));
  expect(heard).toEqual([]);
});

test.each([undefined, null, 5, {}])("a report whose exchange has %s for its socket is told without it", (from) => {
  const { heard, observer } = hearing();
  tellReport(JSON.stringify({ site: "eai", exchanged: [{ ...told, from }], failed: [] }), "eai", observer);
  expect(heard).toEqual([{ ...told, from: undefined }]);
});

test("words of another process are cut and printable", () => {
  const { heard, observer } = hearing();
  const long = { ...told, type: `é\n${"x".repeat(100)}` };
  tellReport(JSON.stringify({ site: "eai", exchanged: [long], failed: [] }), "eai", observer);
  expect(heard[0]?.type).toBe(`??${"x".repeat(58)}`);
});
