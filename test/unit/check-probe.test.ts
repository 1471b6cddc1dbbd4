import { Socket } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { approach } from "../../src/check/probe/link.ts";
import { type Hello, probe } from "../../src/check/probe/probe.ts";
import { hangsUp, reach, speakPlain } from "../../src/check/probe/reach.ts";
import { inTurns } from "./in-turns.ts";
import {
  alerts,
  closes,
  eai,
  isSilent,
  reached,
  resets,
  serve,
  serveTls,
  takes,
  talks,
  targetOf,
  unknown,
  verifying,
} from "./tls-kit.ts";
import { authority } from "./trust-kit.ts";

afterEach(() => void vi.restoreAllMocks());
/** As an alert begins with the byte that ASCII calls NAK. */
const nak = (socket: Socket) => void socket.once("data", () => socket.write("\x15\x1c\r"));

describe("a probe", () => {
  test.each(["TLSv1.2", "TLSv1.3"] as const)("of %s stays open where it is taken", async (version) => {
    await using port = await serveTls({ ...verifying, minVersion: version, maxVersion: version });
    const seen = await inTurns(() => probe({ ...port, identity: eai, authorities: verifying.ca }));
    expect(seen).toMatchObject({ end: "open", version, suite: expect.stringMatching(/GCM/), words: "" });
    expect([seen.certificate?.subject, seen.disbelief]).toEqual(["CN=dpi", undefined]);
    expect(seen.handshakeMs).toBeGreaterThan(0);
  });

  test.each([
    ["TLSv1.2", "before", /^ssl\/tls alert handshake failure$/],
    ["TLSv1.3", "after", /^tlsv13 alert certificate required$/],
  ] as const)("of %s sees the alert that comes %s the handshake, and what was chosen", async (version, when, words) => {
    await using port = await serveTls({ ...verifying, minVersion: version, maxVersion: version });
    const seen = await probe({ ...port });
    expect(seen).toMatchObject({ end: "alert", version, words: expect.stringMatching(words) });
    expect([seen.certificate?.subject, seen.handshakeMs > 0]).toEqual(["CN=dpi", when === "after"]);
  });

  test("that ends in TLS 1.3 without an alert is closed, though the handshake was done", async () => {
    await using port = await serveTls(verifying);
    expect(await probe({ ...port, identity: unknown })).toMatchObject({ end: "closed", version: "TLSv1.3" });
  });

  test.each([
    ["closed", closes],
    ["reset", resets],
    ["not-tls", talks],
    ["silent", isSilent],
    ["alert", alerts(70)],
  ] as const)("is %s, and no suite was chosen", async (end, behaviour) => {
    await using port = await serve(behaviour);
    const seen = await inTurns(() => probe({ ...port }));
    expect([seen.end, seen.suite, seen.certificate, seen.handshakeMs]).toEqual([end, undefined, undefined, 0]);
  });

  test.each<[string, Partial<Hello>]>([
    ["a key of another certificate", { identity: { certificate: eai.certificate, key: authority.key } }],
    ["a suite that is none", { ciphers: "NONE", version: "TLSv1.2" }],
  ])("shows nothing to anybody where it is %s", async (_what, more) => {
    await using port = await serveTls();
    expect(await probe({ ...port, ...more })).toMatchObject({ end: "not-offered", words: expect.stringMatching(/./) });
    expect(port.taken()).toBe(0);
  });

  test.each(["not there any more", "behind a firewall"])(
    "does not reach a port that is %s, and says so",
    async (why) => {
      const port = await serve(takes);
      await port[Symbol.asyncDispose]();
      if (why !== "not there any more") vi.spyOn(Socket.prototype, "connect").mockReturnThis();
      expect((await inTurns(() => probe({ ...port }))).end).toBe("unreached");
      expect(await inTurns(() => speakPlain(port.endpoint, 1000))).toBe("unreached");
    },
  );

  test("says why the chain of the port is not believed", async () => {
    await using port = await serveTls({ cert: unknown.certificate, key: unknown.key });
    const disbelief = async (authorities?: string) => (await probe({ ...port, authorities }, 0)).disbelief;
    expect(await disbelief(verifying.ca)).toMatch(/^UNABLE_TO|SELF_SIGNED|SIGNATURE/);
    expect(await disbelief()).toBeUndefined();
  });
});

describe("a place", () => {
  test("is reached, and leaves no connection behind", async () => {
    await using port = await serve(isSilent);
    expect(await reach(port.endpoint)).toEqual({ ...reached, connectMs: expect.any(Number) });
  });

  test("is a name that does not resolve", async () => {
    expect(await reach({ host: "a..b", port: 1 })).toEqual({ state: "name-not-resolved", reason: "ENOTFOUND" });
  });

  test("is a closed port", async () => {
    const port = await serve(isSilent);
    await port[Symbol.asyncDispose]();
    const addresses = ["127.0.0.1"];
    expect(await reach(port.endpoint)).toEqual({ state: "port-closed", addresses, reason: "ECONNREFUSED" });
  });

  test("answers nothing where packets are dropped", async () => {
    vi.spyOn(Socket.prototype, "connect").mockReturnThis();
    expect(await inTurns(() => reach({ host: "127.0.0.1", port: 1 }))).toMatchObject({
      state: "packets-dropped",
      reason: "no answer within 3000 ms",
    });
  });
});

describe("plain text", () => {
  test.each([
    ["answered", talks],
    ["silent", isSilent],
    ["ended", closes],
    ["ended", resets],
    ["ended", alerts(40)],
    ["answered", nak],
    ["ended", takes],
  ] as const)("is %s", async (end, behaviour) => {
    await using port = await serve(behaviour);
    expect(await inTurns(() => speakPlain(port.endpoint, 1000))).toBe(end);
  });
});

test.each([
  [true, isSilent],
  // a process that hangs: the kernel takes the end, and nobody hears of it
  [false, (socket: Socket): void => void Object.assign(socket.pause(), { allowHalfOpen: true })],
] as const)("somebody lives behind a port that says nothing: %s", async (lives, behaviour) => {
  await using port = await serve(behaviour);
  expect(await inTurns(() => hangsUp(port.endpoint, 1000))).toBe(lives);
});

describe("a link", () => {
  test("that is not reached is not probed", async () => {
    await using port = await serve(takes);
    expect(
      (await approach(targetOf(port), { state: "port-closed", addresses: [], reason: "" })).baseline,
    ).toBeUndefined();
    expect(port.taken()).toBe(0);
  });

  test.each([
    ["refused without a word", verifying, "refused"],
    ["taken, and the application behind it has gone", {}, "taken"],
    ["either, where it does not speak TLS 1.2", { ...verifying, minVersion: "TLSv1.3" }, "unknown"],
  ] as const)("that is cut was %s", async (_what, options, older) => {
    await using port = await serveTls(options, (socket) => void socket.end());
    const link = await inTurns(() => approach(targetOf(port, { identity: unknown }), reached));
    expect([link.baseline?.end, link.older]).toEqual(["closed", older]);
  });

  test("asks for a name, and for an address never", async () => {
    const asked: unknown[] = [];
    const SNICallback = (name: string, done: (error: null) => void): void => {
      asked.push(name);
      done(null);
    };
    await using port = await serveTls({ SNICallback });
    for (const names of [["127.0.0.1", "dpi"], ["127.0.0.1"], ["::1"], []])
      await approach(targetOf(port, { names }), reached, 0);
    expect(asked).toEqual(["dpi"]);
  });
});
