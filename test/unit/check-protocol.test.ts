import { constants } from "node:crypto";
import { networkInterfaces } from "node:os";
import type { TlsOptions } from "node:tls";
import { describe, expect, test } from "vitest";
import { judgeOffered } from "../../src/check/peer/offered.ts";
import { judgeOwnPlainPorts, judgePlainPortsOfPeer, judgeProtocol } from "../../src/check/peer/protocol.ts";
import { holdOpen } from "../../src/check/probe/hold-open.ts";
import { approach, type Link } from "../../src/check/probe/link.ts";
import type { Reached } from "../../src/check/probe/reach.ts";
import { offeredBy, strengthOf } from "../../src/check/probe/suites.ts";
import { stunnelRuns } from "../../src/site/stunnel-process.ts";
import { inTurns } from "./in-turns.ts";
import {
  alerts,
  all,
  type Behaviour,
  closes,
  isSilent,
  reached,
  resets,
  serve,
  serveTls,
  statuses,
  takes,
  talks,
  targetOf,
} from "./tls-kit.ts";

const baseline = { end: "open", words: "", handshakeMs: 1, version: "TLSv1.3", suite: "x" } as const;
const OLD = { minVersion: "TLSv1", ciphers: "ALL:@SECLEVEL=0" } as const;

async function offered(options: TlsOptions) {
  await using port = await serveTls(options);
  const findings = await inTurns(async () => await judgeOffered(await approach(targetOf(port), reached)));
  return { findings, statuses: statuses(findings), details: findings.map(({ detail }) => detail.en) };
}

const GCM = "ECDHE-ECDSA-AES128-GCM-SHA256";
const CBC = "ECDHE-ECDSA-AES128-SHA256";

describe("what a port takes beside what it chose", () => {
  test.each<[string, TlsOptions, [string, string, string | RegExp, string | RegExp]]>([
    ["TLS 1.2 with a strong suite", { maxVersion: "TLSv1.2", ciphers: GCM }, ["warn", "pass", "TLSv1.2", GCM]],
    [
      "TLS 1.2 and 1.3",
      { ciphers: `${GCM}:TLS_AES_128_GCM_SHA256` },
      ["pass", "pass", "TLSv1.2, TLSv1.3", `TLS_AES_128_GCM_SHA256, ${GCM}`],
    ],
    ["TLS 1.3 alone", { minVersion: "TLSv1.3" }, ["pass", "pass", "TLSv1.3", /^TLS_\w+, TLS_\w+, TLS_\w+$/]],
    [
      "a suite without authenticated encryption",
      { maxVersion: "TLSv1.2", ciphers: `${GCM}:${CBC}` },
      ["warn", "warn", "TLSv1.2", `also ${CBC}`],
    ],
    [
      "one that knows nobody, and old versions",
      { minVersion: "TLSv1", maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-SHA:AECDH-AES128-SHA:@SECLEVEL=0" },
      ["fail", "fail", "TLSv1, TLSv1.1, TLSv1.2", "also AECDH-AES128-SHA, ECDHE-ECDSA-AES128-SHA"],
    ],
  ])("%s", async (_what, options, [versions, suites, ...shown]) => {
    const found = await offered(options);
    expect(found.statuses).toMatchObject({ "handshake.other-versions": versions, "handshake.other-suites": suites });
    for (const [index, text] of shown.entries())
      expect(found.details[index]).toMatch(typeof text === "string" ? new RegExp(`^${text}$`) : text);
  });

  test("is not known of a port that has fallen silent", async () => {
    await using port = await serve(isSilent);
    await port[Symbol.asyncDispose]();
    expect(await offeredBy(targetOf(port))).toBeUndefined();
    const findings = await judgeOffered({ target: targetOf(port), reached, baseline });
    expect(new Set(findings.map(({ status }) => status))).toEqual(new Set(["skip"]));
  });

  test("is not asked of a port that chose nothing", async () => {
    await using port = await serve(takes);
    const findings = await judgeOffered({
      target: targetOf(port),
      reached,
      baseline: { end: "closed", words: "", handshakeMs: 0 },
    });
    expect([findings.length, ...new Set(findings.map(({ status }) => status)), port.taken()]).toEqual([3, "skip", 0]);
  });

  test.each([
    ["TLS_AES_128_GCM_SHA256", "strong"],
    ["ECDHE-RSA-CHACHA20-POLY1305", "strong"],
    ["DHE-RSA-AES256-GCM-SHA384", "strong"],
    ["AES128-GCM-SHA256", "weak"],
    ["ECDHE-RSA-AES256-SHA384", "weak"],
    ["ECDHE-RSA-NULL-SHA", "broken"],
    ["ADH-AES128-GCM-SHA256", "broken"],
    ["ECDHE-RSA-DES-CBC3-SHA", "broken"],
    ["ECDHE-RSA-RC4-SHA", "broken"],
  ])("%s is %s", (suite, strength) => expect(strengthOf(suite)).toBe(strength));
});

describe("a session", () => {
  const resumption = async (options: TlsOptions) => (await offered(options)).statuses["handshake.resumption"];

  test.each([
    ["that is resumed is a warning", undefined, "warn"],
    ["that is given and not resumed passes", constants.SSL_OP_NO_TICKET, "pass"],
  ])("%s", async (_what, secureOptions, status) => {
    expect(await resumption({ maxVersion: "TLSv1.2", ciphers: GCM, secureOptions })).toBe(status);
  });

  test("that nobody could take up again is not judged", async () => {
    await using port = await serveTls({
      ciphers: GCM,
      maxVersion: "TLSv1.2",
      secureOptions: constants.SSL_OP_NO_TICKET,
    });
    const given = new Set<string>();
    const idOf = (id: Buffer) => id.toString("hex");
    port.server
      .on("newSession", (id, _data, done) => done(void given.add(idOf(id))))
      .on("resumeSession", (id, done) => done(given.has(idOf(id)) ? new Error("cut") : null, null));
    const judged = inTurns(async () => await judgeOffered(await approach(targetOf(port), reached)));
    expect(statuses(await judged)).toMatchObject({
      "handshake.other-suites": "pass",
      "handshake.resumption": "skip",
    });
    await using cut = await serve(closes);
    const findings = await judgeOffered({ target: targetOf(cut), reached, baseline });
    expect(new Set(findings.map(({ status }) => status))).toEqual(new Set(["skip"]));
  });
});

describe("a TLS port", () => {
  const asked = async (link: Link, side: "to" | "from" = "to") =>
    Object.values(statuses(await inTurns(() => all(judgeProtocol(link, side)))));
  const after = async (...behaviours: Behaviour[]) => {
    await using port = await serve(...behaviours);
    return await asked({ target: targetOf(port), reached, baseline });
  };

  test("that takes TLS 1.0 and 1.1 fails, and one that refuses them passes", async () => {
    await using old = await serveTls(OLD);
    await using modern = await serveTls();
    for (const side of ["to", "from"] as const) {
      expect(await asked({ target: targetOf(old), reached, baseline }, side)).toEqual(["fail", "fail", "pass"]);
      expect(await asked({ target: targetOf(modern), reached, baseline }, side)).toEqual(["pass", "pass", "pass"]);
    }
  });

  test.each<[string, Behaviour[], string[]]>([
    ["refuses by an alert", [alerts(70)], ["pass", "pass", "pass"]],
    ["refuses by its end", [closes, resets, closes], ["pass", "pass", "pass"]],
    ["answers plain text", [alerts(70), alerts(70), talks], ["pass", "pass", "fail"]],
    ["listens to plain text", [alerts(70), alerts(70), isSilent], ["pass", "pass", "fail"]],
    ["speaks no TLS any more", [talks], ["skip", "skip", "fail"]],
  ])("that %s", async (_what, behaviours, expected) => {
    expect(await after(...behaviours)).toEqual(expected);
  });

  test("that has gone, or was never reached, has refused nothing", async () => {
    await using port = await serve(takes);
    await port[Symbol.asyncDispose]();
    const target = targetOf(port);
    expect(await asked({ target, reached, baseline })).toEqual(["skip", "skip", "skip"]);
    expect(await asked({ target, reached: { state: "port-closed", addresses: [], reason: "" } })).toEqual([
      "skip",
      "skip",
      "skip",
    ]);
    await using frozen = await serve(isSilent);
    const silent = { end: "silent", words: "", handshakeMs: 0 } as const;
    expect(await asked({ target: targetOf(frozen), reached, baseline: silent, lives: false })).toEqual([
      "skip",
      "skip",
      "skip",
    ]);
  });
});

describe("plain ports", () => {
  const peer = async (ports: number[], state: Reached = reached) =>
    await judgePlainPortsOfPeer(
      { target: targetOf({ endpoint: { host: "127.0.0.1", port: 1 } }), reached: state },
      ports,
    );

  test("of a peer that answer fail, and those that do not pass", async () => {
    await using open = await serve(isSilent);
    await using closed = await serve(isSilent);
    await closed[Symbol.asyncDispose]();
    const [answers, silent] = [open.endpoint.port, closed.endpoint.port];
    expect(await peer([silent, answers])).toMatchObject({
      status: "fail",
      detail: { en: `open: 127.0.0.1:${answers}` },
    });
    expect(await peer([silent])).toMatchObject({
      status: "pass",
      detail: { fr: `rien ne répond sur 127.0.0.1:${silent}` },
    });
    expect(await peer([silent], { state: "port-closed", addresses: [], reason: "" })).toMatchObject({ status: "pass" });
  });

  test("that nobody knows, or of a host that is not there, are not judged", async () => {
    expect(await peer([])).toMatchObject({ status: "skip", hint: { en: expect.stringContaining("--plain-port") } });
    for (const state of ["packets-dropped", "name-not-resolved"] as const)
      expect(await peer([1], { state, addresses: [], reason: "" } as Reached)).toMatchObject({ status: "skip" });
  });

  test.skipIf(
    !Object.values(networkInterfaces())
      .flat()
      .some((one) => one && !one.internal),
  )("of our own on loopback pass", async () => {
    await using open = await serve(isSilent);
    expect(await judgeOwnPlainPorts([open.endpoint.port])).toMatchObject({
      id: "protocol.plain-ports.from",
      status: "pass",
    });
  });
});

describe("our own Stunnel's plain port", () => {
  test.each<[string, Behaviour]>([
    ["open", isSilent],
    ["end", (socket) => void socket.end()],
    ["reset", (socket) => void socket.resetAndDestroy()],
  ])("is %s", async (end, behaviour) => {
    await using port = await serve(behaviour);
    const near = { endpoint: port.endpoint, service: "mdm", logPath: "/nowhere/stunnel.log" };
    expect(await inTurns(() => holdOpen(near, 1000, 0))).toEqual({ end, lines: [] });
  });

  test("is refused where nobody listens", async () => {
    await using port = await serve(isSilent);
    await port[Symbol.asyncDispose]();
    const near = { endpoint: port.endpoint, service: "mdm", logPath: "" };
    expect(await holdOpen(near, 1000)).toEqual({ end: "refused", lines: [] });
  });
});

test("whether a Stunnel runs here is what the kernel's list of processes says", () => {
  expect(typeof stunnelRuns()).toBe("boolean");
});
