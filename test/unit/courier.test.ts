import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { Message } from "../../src/hl7/message.ts";
import { writeAcknowledgment } from "../../src/hl7/write-acknowledgment.ts";
import { frame } from "../../src/mllp/frame.ts";
import { Outbox } from "../../src/store/outbox.ts";
import { Store } from "../../src/store/store.ts";
import { courier, delivered, listen, put, waiting } from "./carry.ts";
import { answerer } from "./peer.ts";
import { SiteStore } from "./site-store.ts";
import { StillClock } from "./still-clock.ts";
import { ToldLimit } from "./told-limit.ts";

test("AE and CE set a message aside with their reason, and the next ones go on", async () => {
  using site = new SiteStore();
  const stop = new AbortController();
  await using far = await listen((controlId) => {
    if (controlId === "C") stop.abort();
    return ({ A: "AE", B: "CE" } as const)[controlId] ?? "AA";
  });
  const eai = courier(site, far);
  await put(site, "A", "B", "C");
  await eai.run(stop);
  expect([far.arrived, delivered(site)]).toEqual([["A", "B", "C"], ["C 1"]]);
  expect(site.outbox.list()).toMatchObject([
    {
      controlId: "A",
      tries: 1,
      reason: expect.stringMatching(/^AE, .*204.* unknown$/),
      setAsideAtMs: expect.any(Number),
    },
    {
      controlId: "B",
      tries: 1,
      reason: expect.stringMatching(/^CE, .*204.* unknown$/),
      setAsideAtMs: expect.any(Number),
    },
  ]);
  expect(eai.events().filter((event) => event === "message-set-aside")).toHaveLength(2);
  expect(eai.logged()).toContain(`MDM^T02 B is set aside as #2`);
});

test.each([
  ["AR", "AR", /^AR, .*204.* unknown$/],
  ["CR", "CR", /^CR, .*204.* unknown$/],
  ["silence", undefined, /^no acknowledgment of MDM\^T02 A from .* within 2000 ms$/],
] as const)("%s keeps a message where it is, before all others, with its reason", async (_, code, reason) => {
  using site = new SiteStore();
  const stop = new AbortController();
  using limit = new ToldLimit();
  await using far = await listen(() => {
    stop.abort();
    if (code === undefined) limit.pass();
    return code;
  });
  await put(site, "A", "B");
  await courier(site, far).run(stop);
  expect([far.arrived, delivered(site)]).toEqual([["A"], []]);
  expect(waiting(site)).toMatchObject([
    { controlId: "A", tries: 1, reason: expect.stringMatching(reason) },
    { controlId: "B", tries: 0, reason: "" },
  ]);
});

test("a far side that is not there keeps a message where it is, too", async () => {
  using site = new SiteStore();
  const gone = await listen(() => "AA");
  const { port } = gone;
  await gone.close(0);
  using clock = new StillClock();
  const stop = new AbortController();
  await put(site, "A");
  const run = courier(site, { port }).run(stop);
  await expect.poll(() => waiting(site)[0]?.tries, { interval: 1 }).toBe(1);
  await clock.pass(250);
  await expect.poll(() => waiting(site)[0]?.tries, { interval: 1 }).toBe(2);
  stop.abort();
  await run;
  expect(waiting(site)).toMatchObject([{ reason: expect.stringContaining("nothing listens there") }]);
});

test("a refused message goes again after pauses that grow until it is taken, and then begin anew", async () => {
  using site = new SiteStore();
  const codes = ["AR", "AR", "AA", "AR", "AA"] as const;
  const stop = new AbortController();
  await using far = await listen((_, nth) => {
    if (nth === codes.length) stop.abort();
    return codes[nth - 1];
  });
  using clock = new StillClock();
  vi.spyOn(Math, "random").mockReturnValue(1);
  await put(site, "A", "B");
  const run = courier(site, far).run(stop);
  const tries = () => waiting(site)[0]?.tries;
  const answered = async (controlId: string, times: number) =>
    expect.poll(() => [waiting(site)[0]?.controlId, tries()], { interval: 1 }).toEqual([controlId, times]);
  await answered("A", 1);
  await clock.pass(249);
  expect(far.arrived).toEqual(["A"]);
  await clock.pass(1);
  await answered("A", 2);
  await clock.pass(499);
  expect(far.arrived).toEqual(["A", "A"]);
  await clock.pass(1);
  await answered("B", 1);
  await clock.pass(250);
  await run;
  vi.restoreAllMocks();
  expect([far.arrived, delivered(site)]).toEqual([
    ["A", "A", "A", "B", "B"],
    ["A 3", "B 2"],
  ]);
});

test("a stop lets the exchange in flight be finished, and begins no other", async () => {
  using site = new SiteStore();
  const stop = new AbortController();
  await using far = await listen(async () => {
    stop.abort();
    await turn();
    return "AA" as const;
  });
  await put(site, "A", "B");
  await courier(site, far).run(stop);
  expect([far.arrived, delivered(site), waiting(site).length]).toEqual([["A"], ["A 1"], 1]);
});

test("behind its end no connection is left open", async () => {
  using site = new SiteStore();
  const stop = new AbortController();
  const opened = Promise.withResolvers<Socket>();
  await using far = createServer(opened.resolve);
  await once(far.listen(0, "127.0.0.1"), "listening");
  await put(site, "A");
  const run = courier(site, far.address() as AddressInfo).run(stop);
  const socket = await opened.promise;
  const ended = once(socket, "end");
  const [chunk] = await once(socket, "data");
  stop.abort();
  socket.write(frame(writeAcknowledgment(answerer, Message.read(chunk.subarray(1, -2)))));
  await run;
  await ended;
  expect(delivered(site)).toEqual(["A 1"]);
});

test("what this process puts goes at once, and what another one puts when the outbox is looked at next", async () => {
  using site = new SiteStore();
  using elsewhere = Store.open(site.folder, "normal");
  const outbox = new Outbox(elsewhere, { keep: 1, keepDays: 1 });
  const stop = new AbortController();
  await using far = await listen(() => "AA");
  using clock = new StillClock();
  const run = courier(site, far).run(stop);
  const arrival = (...controlIds: string[]) => expect.poll(() => delivered(site), { interval: 1 }).toEqual(controlIds);
  await put(site, "A");
  await arrival("A 1");
  await put({ outbox }, "B");
  for (let turns = 0; turns < 20; turns += 1) await turn();
  expect(far.arrived).toEqual(["A"]);
  await clock.pass(100);
  await arrival("A 1", "B 1");
  stop.abort();
  await run;
});
