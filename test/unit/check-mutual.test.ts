import { describe, expect, test } from "vitest";
import { judgeMutual } from "../../src/check/peer/mutual.ts";
import { judgeRefusal, PROBES, type ProbeName, type Side } from "../../src/check/peer/proof.ts";
import { approach, type Link, type Target } from "../../src/check/probe/link.ts";
import type { Seen } from "../../src/check/probe/probe.ts";
import { inTurns } from "./in-turns.ts";
import {
  all,
  type Behaviour,
  closes,
  expired,
  reached,
  serve,
  serveTls,
  sibling,
  takes,
  targetOf,
  unknown,
  verifying,
} from "./tls-kit.ts";

const seen = (end: Seen["end"], words = ""): Seen => ({ end, words, handshakeMs: 1, version: "TLSv1.3", suite: "x" });
const OPEN = seen("open");

/** A port of a Node server that knows whom it takes. */
const rightPeer = () =>
  serveTls(verifying, (socket) => {
    if (!socket.getPeerX509Certificate()?.checkHost("eai")) socket.destroy();
  });
const show = async (target: Target, side: Side = "to", baseline = OPEN) => {
  const findings = await inTurns(() => all(judgeMutual({ target, reached, baseline }, side)));
  return findings.filter(({ id }) => id !== "mutual.accepted.to");
};

test("a peer that refuses each passes, by an alert or without", async () => {
  await using port = await rightPeer();
  const findings = await show(targetOf(port, { expired, sibling }));
  expect(findings.map(({ id, status }) => [id, status])).toEqual(PROBES.map((name) => [`mutual.${name}.to`, "pass"]));
  expect(findings.map(({ detail }) => detail.fr)).toEqual([
    "refusé : tlsv13 alert certificate required",
    ...["untrusted-root", "expired", "sibling"].map(() => "connexion fermée sans alerte"),
  ]);
});

test.each([
  ["to", "the peer's service needs", "faites mettre dans le service du pair"],
  ["from", "our own service needs", "mettez dans notre propre service"],
] as const)("%s a port that takes everybody all fail, with what it lacks", async (side, en, fr) => {
  await using port = await serve(takes);
  const findings = await show(targetOf(port, { expired, sibling }), side);
  expect(findings.map(({ id, status }) => [id, status])).toEqual(
    PROBES.map((name) => [`mutual.${name}.${side}`, "fail"]),
  );
  const lacks = ["verifyChain", "verifyChain", "sessionResume", "checkHost"];
  for (const [index, { hint }] of findings.entries()) {
    expect(hint?.en).toMatch(new RegExp(`^${en} .*${lacks[index]}`));
    expect(hint?.fr).toMatch(new RegExp(`^${fr} .*${lacks[index]}`));
  }
});

/** What is judged of each probe on whose connection the same was seen. */
async function refusals(found: Seen, right: Seen | undefined, side: Side = "to", next: Behaviour = takes) {
  await using port = await serve(next);
  const judge = (name: ProbeName) =>
    judgeRefusal({ id: `mutual.${name}.${side}`, name, side, seen: found, right }, targetOf(port));
  return (await inTurns(() => Promise.all(PROBES.map(judge)))).map(({ status }) => status);
}
const every = (status: string) => PROBES.map(() => status);

describe("a refusal without an alert", () => {
  test.each([
    ["proves it where what is right is taken, then as before", takes, OPEN, "pass"],
    ["proves nothing where nothing is taken any more", closes, OPEN, "skip"],
    ["proves nothing where what is right was cut as well", takes, seen("closed"), "skip"],
    ["proves nothing where nobody can show what is right", takes, undefined, "skip"],
  ] as const)("%s", async (_what, next, right, status) => {
    for (const end of ["closed", "reset"] as const)
      expect(await refusals(seen(end), right, "to", next)).toEqual(every(status));
  });

  test.each(["unreached", "silent", "not-tls", "not-offered"] as const)("is none where the port is %s", async (end) => {
    expect(await refusals(seen(end), OPEN)).toEqual(every("skip"));
  });
});

describe("an alert", () => {
  const said = (words: string) => seen("alert", words);
  const ended = said("ssl/tls alert certificate expired");

  test("that the right certificate gets as well proves nothing", async () => {
    expect(await refusals(ended, ended)).toEqual(every("skip"));
    expect(await refusals(said("tlsv1 alert access denied"), ended)).toEqual(every("skip"));
  });

  test("that is about what was shown proves it, though the right certificate gets another", async () => {
    expect(await refusals(said("tlsv13 alert certificate required"), ended)).toEqual(["pass", "skip", "skip", "skip"]);
  });

  test.each<[string, string, string[]]>([
    ["an unknown authority", "tlsv1 alert unknown ca", ["skip", "pass", "skip", "skip"]],
    ["what has expired", ended.words, ["skip", "skip", "pass", "skip"]],
    ["a name", "tlsv1 alert internal error", ["pass", "pass", "pass", "pass"]],
    ["what was revoked", "ssl/tls alert certificate revoked", ["skip", "skip", "skip", "skip"]],
    ["a usage", "ssl/tls alert unsupported certificate", ["skip", "skip", "skip", "skip"]],
    [
      "no certificate, which a certificate is not",
      "tlsv13 alert certificate required",
      ["pass", "skip", "skip", "skip"],
    ],
    ["anything, as some give it, proves all where what is right is taken", "tlsv1 alert access denied", every("pass")],
  ])("about %s", async (_what, words, expected) => {
    expect(await refusals(said(words), OPEN)).toEqual(expected);
  });

  test("about something else proves nothing where nobody has shown what is right", async () => {
    expect(await refusals(said("tlsv1 alert access denied"), undefined, "from")).toEqual(every("skip"));
    expect(await refusals(said("tlsv1 alert internal error"), undefined)).toEqual(["skip", "skip", "skip", "pass"]);
  });

  test("before a suite is chosen is about no certificate", async () => {
    const early: Seen = { end: "alert", words: "ssl/tls alert handshake failure", handshakeMs: 0 };
    for (const right of [undefined, seen("alert", "tlsv1 alert unknown ca")])
      expect(await refusals(early, right)).toEqual(every("skip"));
    expect(await refusals({ ...early, suite: "x" }, undefined)).toEqual(["pass", "skip", "skip", "skip"]);
  });
});

test("what is not at hand is skipped, and nothing else is shown for it", async () => {
  await using port = await serve(takes);
  const findings = await show(targetOf(port));
  expect(findings.map(({ status, hint }) => [status, hint?.en.match(/--\w+/)?.[0]])).toEqual([
    ["fail", undefined],
    ["fail", undefined],
    ["skip", "--expired"],
    ["skip", "--sibling"],
  ]);
  expect(port.taken()).toBe(2);
});

test("a cut proves nothing where we have nothing right to show", async () => {
  await using port = await serve(takes, closes, takes);
  const [none, unknownRoot] = await show(targetOf(port, { identity: undefined }));
  expect([none?.status, unknownRoot?.status]).toEqual(["fail", "skip"]);
});

test.each(["not-tls", "silent"] as const)("a port that is %s is not shown anything", async (end) => {
  await using port = await serve(takes);
  const findings = await show(targetOf(port, { expired, sibling }), "to", { ...seen(end), suite: undefined });
  expect([findings.map(({ status }) => status), port.taken()]).toEqual([every("skip"), 0]);
});

describe("our own certificate", () => {
  const accepted = async (target: Partial<Target>, link: Partial<Link> = {}, options = {}) => {
    await using port = await serveTls({ ...verifying, ...options }, (socket) => void (link.older && socket.end()));
    const { value: first } = await inTurns(async () => {
      const found = await approach(targetOf(port, target), reached);
      return await judgeMutual({ ...found, ...link }, "to").next();
    });
    expect(first?.id).toBe("mutual.accepted.to");
    return [first?.status, first?.detail.en];
  };

  test("is taken", async () => {
    expect(await accepted({})).toEqual(["pass", "the connection stays open (TLSv1.3)"]);
    expect(await accepted({}, { older: "taken" })).toEqual(["pass", "taken, then connection closed without an alert"]);
  });

  test("is refused", async () => {
    expect(await accepted({ identity: unknown })).toEqual([
      "fail",
      "connection closed during the handshake, without an alert",
    ]);
    const baseline = seen("alert", "tlsv1 alert unknown ca");
    expect(await accepted({}, { baseline })).toEqual(["fail", "refused: tlsv1 alert unknown ca"]);
  });

  test("is perhaps taken where the port speaks TLS 1.3 alone and does not say", async () => {
    const only13 = { minVersion: "TLSv1.3" };
    expect(await accepted({ identity: unknown }, {}, only13)).toEqual([
      "skip",
      expect.stringContaining("taken or refused"),
    ]);
  });

  test("was not given", async () => {
    expect(await accepted({ identity: undefined })).toEqual(["skip", "no certificate of ours is at hand"]);
  });
});
