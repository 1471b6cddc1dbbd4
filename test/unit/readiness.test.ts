import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LinkAnswer } from "../../src/watch/ask-link.ts";
import { Readiness } from "../../src/watch/readiness.ts";

const START = new Date("2026-01-15T09:30:00.000Z");
const STANDS: LinkAnswer = { stands: true, words: "a connection to dpi stands through the tunnel" };
const REFUSED: LinkAnswer = { stands: false, words: "dpi refused us: our certificate was revoked", hint: "renew it" };

beforeEach(() => void vi.useFakeTimers({ now: START, toFake: ["Date", "performance"] }));
afterEach(() => void vi.useRealTimers());

const pass = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);
const at = (seconds: number) => new Date(START.getTime() + seconds * 1000).toISOString();
const acknowledged = { type: "MDM^T02", controlId: "A", code: "AA", sizeBytes: 9040, durationMs: 38.2 };
const failure = { error: "connection-reset", reason: "the connection was reset", hint: "see the log" } as const;
const failed = { type: "MDM^T02", controlId: "A", sendable: true, ...failure };

/** Readiness over a link that says what a test has it say. */
function prepare(everyMs: number | undefined, ...answers: LinkAnswer[]) {
  const askLink = vi.fn(async () => answers.shift() ?? STANDS);
  const onAsked = vi.fn();
  return { readiness: new Readiness({ everyMs, askLink, onAsked }), askLink, onAsked };
}

test("a message that was answered is the proof, as long as it is fresh, and the link is not asked", async () => {
  const { readiness, askLink } = prepare(20_000);
  pass(5);
  readiness.exchanged(acknowledged);
  pass(59);
  expect(await readiness.ask()).toEqual({
    ready: true,
    verdict: `MDM^T02 was answered AA in 38 ms, at ${at(5)}`,
    since: at(5),
    lastAcknowledgment: at(5),
  });
  expect(askLink).not.toHaveBeenCalled();
});

test("behind that the link is asked, and the verdict says what it does not prove", async () => {
  const { readiness, onAsked } = prepare(20_000);
  readiness.exchanged(acknowledged);
  pass(61);
  expect(await readiness.ask()).toEqual({
    ready: true,
    verdict: STANDS.words,
    since: at(0),
    notProven: `no message was acknowledged since ${at(0)}`,
    lastAcknowledgment: at(0),
  });
  expect(onAsked.mock.calls).toEqual([[true]]);
});

test.each([
  ["20 s", 20_000, 60],
  ["1 s, or none", 1000, 30],
  ["none", undefined, 30],
])("with an interval of %s that is after a while", async (_, everyMs, freshSeconds) => {
  const { readiness, askLink } = prepare(20_000);
  const other = prepare(everyMs);
  other.readiness.exchanged(acknowledged);
  pass(freshSeconds - 0.001);
  await other.readiness.ask();
  expect(other.askLink).not.toHaveBeenCalled();
  pass(0.001);
  await other.readiness.ask();
  expect(other.askLink).toHaveBeenCalledOnce();
  await readiness.ask();
  expect(askLink).toHaveBeenCalledOnce();
});

test("before anything crossed the link itself is asked, and says who refused whom", async () => {
  const { readiness, onAsked } = prepare(20_000, REFUSED);
  expect(await readiness.ask()).toEqual({ ready: false, verdict: REFUSED.words, hint: "renew it", since: at(0) });
  expect(onAsked.mock.calls).toEqual([[false]]);
});

test("a failed exchange is not ready, with the words of who refused whom", async () => {
  const { readiness } = prepare(20_000, REFUSED);
  readiness.exchanged(acknowledged);
  pass(10);
  readiness.exchangeFailed(failed);
  pass(1);
  expect(await readiness.ask()).toMatchObject({ ready: false, verdict: REFUSED.words, since: at(10) });
});

test("a connection that stands is no proof against it; the next acknowledgment is", async () => {
  const { readiness, onAsked } = prepare(20_000);
  readiness.exchangeFailed(failed);
  expect(await readiness.ask()).toEqual({
    ready: false,
    verdict: `the connection was reset; ${STANDS.words} now, and no message was acknowledged since the site started`,
    hint: "see the log",
    since: at(0),
  });
  expect(onAsked).not.toHaveBeenCalled();
  pass(3);
  readiness.exchanged(acknowledged);
  expect(await readiness.ask()).toMatchObject({ ready: true, since: at(3) });
});

test("where nothing sends again by itself, the link has the last word on a failure", async () => {
  const { readiness } = prepare(undefined);
  readiness.linkLost(failure);
  expect(await readiness.ask()).toMatchObject({ ready: true, notProven: expect.any(String) });
});

test("a message that cannot be sent says nothing of the other side", async () => {
  const { readiness } = prepare(20_000);
  readiness.exchanged(acknowledged);
  readiness.exchangeFailed({ ...failed, sendable: false });
  expect(await readiness.ask()).toMatchObject({ ready: true });
});

test("who asks at once shares one answer, and nobody has it asked again within 10 s of that", async () => {
  const asked = Promise.withResolvers<LinkAnswer>();
  const askLink = vi.fn(() => asked.promise);
  const readiness = new Readiness({ everyMs: undefined, askLink, onAsked: () => {} });
  const askers = [readiness.ask(), readiness.ask()];
  pass(12);
  askers.push(readiness.ask());
  asked.resolve(REFUSED);
  expect((await Promise.all(askers)).map(({ verdict }) => verdict)).toEqual(Array(3).fill(REFUSED.words));
  await turn();
  pass(9.9);
  await readiness.ask();
  expect(askLink).toHaveBeenCalledOnce();
  pass(0.2);
  await readiness.ask();
  expect(askLink).toHaveBeenCalledTimes(2);
});
