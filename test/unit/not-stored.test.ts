import { expect, test } from "vitest";
import { stamp } from "../../src/commands/source.ts";
import { template } from "./peer.ts";
import { receiveInto } from "./receiver.ts";
import { SiteStore } from "./site-store.ts";

const asking = (accept: string, application: string) => stamp(template).withHeader({ 15: accept, 16: application });

test("what cannot be stored is refused with AR 207, and taken when it comes again later", async () => {
  using site = new SiteStore();
  const dpi = await receiveInto(site);
  const message = stamp(template);
  site.refuseWrites();
  expect(await dpi.acknowledge(message)).toMatchObject([
    { code: "AR", controlId: message.controlId, details: [expect.stringMatching(/^207\^Application error.* later$/)] },
  ]);
  expect(dpi.events()).toEqual(["store-failed", "message-refused"]);
  site.refuseWrites(false);
  expect(site.journal.lastId()).toBe(0);
  expect(await dpi.codesFor(message)).toEqual(["AA"]);
});

test.each([
  ["AL", "AL", ["CR"]],
  ["ER", "NE", ["CR"]],
  ["NE", "AL", ["AR"]],
  ["SU", "ER", ["AR"]],
  ["NE", "NE", []],
])("in enhanced mode that is said as MSH-15 and MSH-16 ask: %s and %s", async (accept, application, codes) => {
  using site = new SiteStore();
  const dpi = await receiveInto(site);
  site.refuseWrites();
  expect(await dpi.codesFor(asking(accept, application))).toEqual(codes);
});

test("a refusal that cannot be stored is AR too: judged anew it will be refused for its own reason", async () => {
  using site = new SiteStore();
  const dpi = await receiveInto(site, {}, () => "AE");
  const message = stamp(template);
  site.refuseWrites();
  expect(await dpi.codesFor(message)).toEqual(["AR"]);
  site.refuseWrites(false);
  expect(await dpi.codesFor(message)).toEqual(["AE"]);
});

test("a repeat gets its acknowledgment though its mark cannot be written: that it is stored stays true", async () => {
  using site = new SiteStore();
  const dpi = await receiveInto(site);
  const message = stamp(template);
  const first = await dpi.bytesFor(message);
  site.refuseWrites();
  expect(await dpi.bytesFor(message)).toEqual(first);
  expect(dpi.events()).toEqual(["message-accepted", "message-repeated", "store-failed"]);
  expect(site.journal.after(0, 1)).toMatchObject([{ repeats: 0 }]);
});

test("a repeat is AR where nobody can look whether it is one, and no handler is asked about it", async () => {
  using site = new SiteStore();
  let asked = 0;
  const dpi = await receiveInto(site, {}, () => (++asked > 0 ? "AA" : "AE"));
  const message = stamp(template);
  await dpi.codesFor(message);
  site.store[Symbol.dispose]();
  expect(await dpi.codesFor(message)).toEqual(["AR"]);
  expect(asked).toBe(1);
});

test("of those that share a commit, one that cannot be stored is refused alone", async () => {
  using site = new SiteStore();
  const dpi = await receiveInto(site);
  const message = stamp(template);
  // a message of the same sender and control ID that came through another process in the meantime
  await receiveInto(site).then((other) => other.codesFor(message));
  site.journal.claimed = () => undefined;
  const codes = [stamp(template), message, stamp(template)].map((one) => dpi.codesFor(one));
  expect(await Promise.all(codes)).toEqual([["AA"], ["AR"], ["AA"]]);
  expect(site.journal.lastId()).toBe(3);
});
