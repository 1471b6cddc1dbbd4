import { constants } from "node:crypto";
import type { TlsOptions } from "node:tls";
import { describe, expect, test } from "vitest";
import { judgeOffered } from "../../src/check/peer/offered.ts";
import { approach } from "../../src/check/probe/link.ts";
import { offeredBy, strengthOf } from "../../src/check/probe/suites.ts";
import { inTurns } from "./in-turns.ts";
import { closes, isSilent, reached, serve, serveTls, statuses, takes, targetOf } from "./tls-kit.ts";

const baseline = { end: "open", words: "", handshakeMs: 1, version: "TLSv1.3", suite: "x" } as const;

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
