import { once } from "node:events";
import { connect } from "node:net";
import { expect, test, vi } from "vitest";
import { readOwnMessage } from "../../src/commands/source.ts";
import { traceOf } from "../../src/hl7/claim.ts";
import { MllpServer } from "../../src/mllp/server.ts";
import { HEALTH_ADDRESS } from "../../src/site/health.ts";
import { both, type Observer, UNWATCHED } from "../../src/watch/observer.ts";
import { courier, listen, put } from "./carry.ts";
import { hearing } from "./heard.ts";
import { receiveInto } from "./receiver.ts";
import { SiteStore } from "./site-store.ts";
import { ToldLimit } from "./told-limit.ts";
import { prepareTrust } from "./trust-made.ts";

const message = await readOwnMessage("eai");
const peer = "127.0.0.1:4711";
const FROM = expect.stringMatching(/^127\.0\.0\.1:\d+$/);
const traceIdFor = (controlId: string) => traceOf(message.withHeader({ 10: controlId })).traceId;

/** A receiver of DPI with who hears of it. */
async function prepare() {
  const site = new SiteStore();
  const ears = hearing();
  const dpi = await receiveInto(site, {}, undefined, ears.observer);
  return Object.assign(site, dpi, ears);
}

test("several are told each fact once, those that have a method for it", () => {
  const [one, other] = [hearing(), vi.fn()];
  const observer = both(one.observer, { reloaded: other }, {});
  observer.reloaded({ outcome: "done", cut: false });
  observer.siteStarted();
  expect(one.heard).toEqual([{ fact: "reloaded", outcome: "done", cut: false }, { fact: "siteStarted" }]);
  expect(other.mock.calls).toEqual([[{ outcome: "done", cut: false }]]);
});

test("and keep their own state, whoever calls", () => {
  class Counting implements Partial<Observer> {
    failures = 0;
    storeFailed(): void {
      this.failures += 1;
    }
  }
  const counting = new Counting();
  const { storeFailed } = both(counting);
  storeFailed();
  expect(counting.failures).toBe(1);
  expect(() => UNWATCHED.storeFailed()).not.toThrow();
});

test("a message that came is told with what it was answered and its number, and its repeat as one", async () => {
  using dpi = await prepare();
  await dpi.answerTo(message, peer);
  await dpi.answerTo(message, peer);
  await dpi.answerTo(message.withHeader({ 9: "ORU^R01", 10: "OTHER" }), peer);
  const { controlId, traceId } = traceOf(message);
  const about = { fact: "received", peer, durationMs: expect.any(Number) };
  const told = {
    ...about,
    type: "MDM^T02",
    controlId,
    traceId,
    code: "AA",
    sizeBytes: message.payload.length,
    journalId: 1,
  };
  expect(dpi.heard).toEqual([
    { ...told, repeat: false },
    { ...told, repeat: true },
    expect.objectContaining({ ...about, type: "ORU^R01", code: "AR", journalId: 2, repeat: false }),
  ]);
  // facts, and nothing of the content
  expect(JSON.stringify(dpi.heard)).not.toContain("PAT-TROIS");
});

test("what could not be stored is told as a failure of the store, and as received without a number", async () => {
  using dpi = await prepare();
  dpi.refuseWrites();
  await dpi.answerTo(message, peer);
  expect(dpi.heard).toEqual([{ fact: "storeFailed" }, expect.objectContaining({ fact: "received", code: "AR" })]);
  expect(dpi.heard[1]).toMatchObject({ journalId: undefined });
});

test.each([
  ["no-header", { kind: "payload", payload: Buffer.from("hello"), atByte: 0 }, "AE"],
  ["bytes-outside-frame", { kind: "outside", lengthBytes: 2, atByte: 0 }, undefined],
  [
    "unfinished-frame",
    { kind: "unfinished", head: message.payload, lengthBytes: 300, atByte: 0, because: "end-of-stream" },
    "AE",
  ],
  ["frame-too-large", { kind: "too-large", head: message.payload, limitBytes: 10, atByte: 0 }, "AE"],
] as const)("%s is no message, and told as what was refused", async (reason, received, code) => {
  using dpi = await prepare();
  await dpi.receiver.answer(received, { peer });
  await expect.poll(() => dpi.heard, { interval: 1 }).toHaveLength(1);
  expect(dpi.heard).toEqual([{ fact: "frameRefused", reason, peer, ...(code && { code }) }]);
});

test("a connection to the listener is told when it stands and when it has ended, that of the health check is not", async () => {
  using dpi = await prepare();
  await using server = await MllpServer.listen({ host: "127.0.0.1", port: 0, ...dpi.receiver.handlers() });
  for (const localAddress of [HEALTH_ADDRESS, "127.0.0.1"]) {
    const socket = connect({ host: "127.0.0.1", port: server.port, localAddress });
    await once(socket, "connect");
    socket.end().resume();
    await once(socket, "close");
  }
  await expect.poll(() => dpi.heard, { interval: 1 }).toHaveLength(2);
  const from = { end: "listener", peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/) };
  expect(dpi.heard).toEqual([
    { fact: "connectionOpened", ...from },
    { fact: "connectionEnded", ...from },
  ]);
});

test("of what is sent the acknowledgment is told, what is set aside, and each connection once", async () => {
  using site = new SiteStore();
  const stop = new AbortController();
  await using far = await listen((controlId, nth) => {
    if (controlId === "C") stop.abort();
    // a kept connection that ends at this moment is no failure: the exchange goes on over the next one
    if (nth === 2) return "close";
    return controlId === "B" ? "AE" : "AA";
  });
  const ears = hearing();
  await put(site, "A", "B", "C");
  await courier(site, far, ears.observer).run(stop);
  const sizeBytes = message.withHeader({ 10: "A" }).payload.length;
  const ended = { type: "MDM^T02", sizeBytes, durationMs: expect.any(Number), from: FROM };
  const where = { end: "sender", peer: `127.0.0.1:${far.port}` };
  expect(ears.named("exchanged", "exchangeFailed", "setAside")).toEqual([
    { fact: "exchanged", controlId: "A", traceId: traceIdFor("A"), code: "AA", ...ended },
    { fact: "exchanged", controlId: "B", traceId: traceIdFor("B"), code: "AE", ...ended },
    { fact: "setAside", type: "MDM^T02", controlId: "B", traceId: traceIdFor("B"), id: 2 },
    { fact: "exchanged", controlId: "C", traceId: traceIdFor("C"), code: "AA", ...ended },
  ]);
  // which of the two connections each went over
  const [first, second, third] = ears.named("exchanged").map(({ from }) => from);
  expect([first === second, second === third]).toEqual([false, true]);
  expect(ears.named("connectionOpened", "connectionEnded")).toEqual([
    { fact: "connectionOpened", ...where },
    { fact: "connectionEnded", ...where },
    { fact: "connectionOpened", ...where },
    { fact: "connectionEnded", ...where },
  ]);
});

test("an exchange without an acknowledgment is told with its error and its words", async () => {
  using site = new SiteStore();
  using limit = new ToldLimit();
  const stop = new AbortController();
  await using far = await listen(() => {
    stop.abort();
    limit.pass();
    return undefined;
  });
  const ears = hearing();
  await put(site, "A");
  await courier(site, far, ears.observer).run(stop);
  expect(ears.named("exchanged", "exchangeFailed")).toEqual([
    {
      fact: "exchangeFailed",
      type: "MDM^T02",
      controlId: "A",
      traceId: traceIdFor("A"),
      sendable: true,
      error: "acknowledgment-timeout",
      from: FROM,
      reason: expect.stringContaining("no acknowledgment of MDM^T02 A"),
      hint: expect.any(String),
    },
  ]);
  expect(ears.named("connectionOpened", "connectionEnded")).toHaveLength(2);
});

test("a reload is told as done with what it cut, or as refused with its error", async () => {
  const ears = hearing();
  using site = await prepareTrust(ears.observer);
  await site.reload();
  site.scratch.write("eai.crt", "no certificate");
  await site.reload().catch(() => {});
  expect(ears.heard).toEqual([
    { fact: "reloaded", outcome: "done", cut: false },
    { fact: "reloaded", outcome: "refused", cut: false, error: "invalid-certificate" },
  ]);
});
