import { expect, test } from "vitest";
import { jsonReport } from "../../src/check/report/json.ts";
import { HOSTILE, passed, report, stopped } from "./report-kit.ts";

test("a report is one JSON document, which says everything once", () => {
  const { findings, identities, ...head } = JSON.parse(jsonReport(report, "en"));
  expect(head).toEqual({
    version: 1,
    site: "eai",
    peer: "dpi.example:32100",
    peerName: "dpi",
    time: "2026-11-21T10:05:32.120Z",
    durationMs: 3240,
    verdict: "fail",
    counts: { pass: 2, fail: 1, warn: 1, skip: 2 },
    legs: {
      to: { code: "works", sentence: "a message is acknowledged" },
      from: { code: "nobody-came", sentence: "nobody has connected", hint: "ask the peer to send" },
    },
  });
  expect(findings.map(({ id }: { id: string }) => id)).toEqual(report.findings.map(({ id }) => id));
  expect(findings.slice(0, 2)).toEqual([
    {
      id: "handshake.version",
      group: "handshake",
      question: "a current version is negotiated",
      status: "pass",
      detail: "TLSv1.3",
    },
    {
      id: "handshake.peer-name",
      group: "handshake",
      question: "the peer bears the name we expect",
      status: "fail",
      detail: `it bears ${HOSTILE}`,
      hint: "ask for a certificate of dpi",
    },
  ]);
  expect(identities[1]).toMatchObject({ role: "peer", subject: HOSTILE, ends: "2027-12-23T10:00:00.000Z" });
});

test("in French the keys, codes and ids are the same", () => {
  const [english, french] = (["en", "fr"] as const).map((lang) => JSON.parse(jsonReport(report, lang)));
  const shape = ({ id, group, status }: Record<string, string>) => [id, group, status];
  expect(Object.keys(french)).toEqual(Object.keys(english));
  expect(french.findings.map(shape)).toEqual(english.findings.map(shape));
  expect(french.legs.from).toEqual({
    code: "nobody-came",
    sentence: "personne ne s'est connecté",
    hint: "demandez au pair d'émettre",
  });
  expect(french.findings[3]).toMatchObject({ detail: "encore 16 jours", hint: "prenez une CRL neuve" });
});

test.each([
  ["pass where nothing failed", passed, "pass"],
  ["fail where the leg to the peer does not work", stopped, "fail"],
])("the verdict is %s", (_when, given, verdict) => {
  expect(JSON.parse(jsonReport(given, "en")).verdict).toBe(verdict);
});

test("what there is not is null for the site, and left out for a leg", () => {
  const { site, legs } = JSON.parse(jsonReport({ ...stopped, site: undefined }, "en"));
  expect([site, Object.keys(legs)]).toEqual([null, ["to"]]);
});
