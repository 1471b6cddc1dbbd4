import { expect, test } from "vitest";
import { courier, delivered, listen, put, waiting } from "./carry.ts";
import { template } from "./peer.ts";
import { SiteStore } from "./site-store.ts";
import { StillClock } from "./still-clock.ts";
import { ToldLimit } from "./told-limit.ts";

test("an acknowledgment that comes too late is not taken for that of the message sent again", async () => {
  using site = new SiteStore();
  const late = Promise.withResolvers<void>();
  const stop = new AbortController();
  using limit = new ToldLimit();
  await using far = await listen(async (controlId, nth) => {
    if (nth === 1) {
      limit.pass();
      await late.promise;
    }
    if (nth === 2) late.resolve();
    if (controlId === "B") stop.abort();
    return nth === 2 ? "AE" : "AA";
  });
  using clock = new StillClock();
  await put(site, "A", "B");
  const run = courier(site, far).run(stop);
  await expect.poll(() => waiting(site)[0]?.tries, { interval: 1 }).toBe(1);
  await clock.pass(250);
  await run;
  expect([far.arrived, delivered(site)]).toEqual([["A", "A", "B"], ["B 1"]]);
  expect(site.outbox.find(1)).toMatchObject({ tries: 2, reason: expect.stringMatching(/^AE/) });
});

test("what met the end of a connection that was kept while nothing waited goes again at once, and only once", async () => {
  using site = new SiteStore();
  const turns = ["AA", "close", "close", "AA"] as const;
  await using far = await listen((_, nth) => turns[nth - 1]);
  using clock = new StillClock();
  const stop = new AbortController();
  const eai = courier(site, far);
  const run = eai.run(stop);
  await put(site, "A");
  await expect.poll(() => delivered(site), { interval: 1 }).toEqual(["A 1"]);
  await clock.pass(100);
  await put(site, "B");
  await expect.poll(() => waiting(site)[0]?.tries, { interval: 1 }).toBe(1);
  expect(far.arrived).toEqual(["A", "B", "B"]);
  await clock.pass(250);
  await expect.poll(() => delivered(site), { interval: 1 }).toEqual(["A 1", "B 2"]);
  stop.abort();
  await run;
  expect(eai.events()).toEqual(["message-acknowledged", "link-lost", "link-back", "message-acknowledged"]);
});

test("a message that is dropped while it is on its way is not delivered, and the next goes on", async () => {
  using site = new SiteStore();
  const stop = new AbortController();
  await using far = await listen(async (controlId) => {
    if (controlId === "A") await site.outbox.drop([1]);
    else stop.abort();
    return "AA" as const;
  });
  await put(site, "A", "B");
  await courier(site, far).run(stop);
  expect([far.arrived, delivered(site), site.outbox.list()]).toEqual([["A", "B"], ["B 1"], []]);
});

test("of a message that is dropped while it is on its way, nothing is said to be set aside", async () => {
  using site = new SiteStore();
  const stop = new AbortController();
  await using far = await listen(async (controlId) => {
    if (controlId === "B") stop.abort();
    else await site.outbox.drop([1]);
    return controlId === "B" ? "AA" : "AE";
  });
  await put(site, "A", "B");
  const eai = courier(site, far);
  await eai.run(stop);
  expect([eai.events(), site.outbox.list()]).toEqual([["message-negative", "message-acknowledged"], []]);
});

test.each([
  ["no control ID", template.withHeader({ 10: "" }).payload, /without MSH-10/],
  ["a start block inside", Buffer.concat([template.payload, Buffer.from("\x0b")]), /holds 0x0B/],
  ["no wish for an acknowledgment", template.withHeader({ 15: "NE", 16: "NE" }).payload, /ask for no acknowledgment/],
  ["more bytes than may be", Buffer.concat([template.payload, Buffer.alloc(1_000_000)]), /the limit is 1000000$/],
  ["no header", Buffer.from("PID|1\r"), /MSH has to come first/],
])("what cannot be sent is set aside and holds up nothing: %s", async (_, payload, reason) => {
  using site = new SiteStore();
  const stop = new AbortController();
  await using far = await listen(() => {
    stop.abort();
    return "AA";
  });
  await site.outbox.put({ type: "MDM^T02", controlId: "A", payload }, 1);
  await put(site, "B");
  const eai = courier(site, far);
  await eai.run(stop);
  expect([far.arrived, delivered(site)]).toEqual([["B"], ["B 1"]]);
  expect(site.outbox.find(1)).toMatchObject({
    reason: expect.stringMatching(reason),
    setAsideAtMs: expect.any(Number),
  });
  expect(eai.events()).toEqual(["message-set-aside", "message-acknowledged"]);
});

test("what was acknowledged while the store failed goes again, for nobody knows that it arrived", async () => {
  using site = new SiteStore();
  let stop = new AbortController();
  await using far = await listen((_, nth) => {
    site.refuseWrites(nth === 1);
    stop.abort();
    return "AA";
  });
  const eai = courier(site, far);
  await put(site, "A", "B");
  await eai.run(stop);
  expect(delivered(site)).toEqual([]);
  expect(eai.events()).toEqual(["message-acknowledged", "store-failed"]);
  site.refuseWrites(false);
  stop = new AbortController();
  await eai.run(stop);
  expect([far.arrived, delivered(site)]).toEqual([["A", "A"], ["A 1"]]);
});
