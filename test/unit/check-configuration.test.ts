import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { judgeLoaded } from "../../src/check/configuration/loaded.ts";
import { digestOf, parseConf } from "../../src/site/stunnel-conf.ts";
import { CHECK, changed, delivered, found, ids, judge, only } from "./configuration-kit.ts";

test.each(["eai", "dpi"])("the stunnel.conf of %s passes all ten questions, with evidence", (site) => {
  const findings = judge(readFileSync(`${site}/stunnel.conf`, "utf8"));
  expect(findings.map(({ id }) => id)).toEqual(ids);
  expect(ids).toHaveLength(10);
  for (const { id, status, detail, hint } of findings) {
    expect([id, status, hint]).toEqual([id, "pass", undefined]);
    expect(detail.en).toMatch(/^\[\w+\]/);
    expect(detail.fr).toMatch(/^\[\w+\]/);
  }
});

test("only the service that lacks its name is named, and the name is that of the other", () => {
  const [, from = ""] = delivered.split("[adt_from_dpi]");
  const text = delivered
    .replace(from, from.replace("checkHost = dpi\n", ""))
    .replace("checkHost = dpi", "checkHost = peer.example");
  only(
    judge(text).filter(({ status }) => status !== "pass"),
    "peer-name",
    "fail",
    "[adt_from_dpi] neither",
    'write "checkHost = peer.example" in [adt_from_dpi] of stunnel.conf',
  );
});

test("a name to check is unknown where the peer is an address", () => {
  const text = delivered.replaceAll("checkHost = dpi", "").replace("connect = dpi:", "connect = 127.0.0.5:");
  expect(found("configuration.peer-name", text)?.hint?.en).toContain('"checkHost = <name of the peer>"');
});

test("without checkHost and verifyChain anybody is accepted", () => {
  const findings = changed(CHECK, ["verifyChain = yes", ""]);
  expect(findings.map(({ id }) => id)).toEqual(["configuration.chain-verified", "configuration.peer-name"]);
  expect(findings[0]?.detail.en).toMatch(/: any peer is accepted$/);
});

test("of several services the worst counts, and it is told", () => {
  const text = "debug = 3\n[a]\ndebug = 6\naccept = 1\nconnect = 2\n[b]\naccept = 3\n[c]\ndebug = 2\naccept = 4";
  expect(found("configuration.log-level", text)).toMatchObject({
    status: "warn",
    detail: { en: expect.stringMatching(/^\[b\] debug = 3: .*; \[c\] debug = 2: /) },
    hint: { en: 'write "debug = info" instead of "debug = 3" in [b] of stunnel.conf' },
  });
});

test("a failure of one service outweighs a warning of another", () => {
  const text = "[a]\naccept = 1\n[b]\nciphers = RC4\naccept = 2";
  expect(found("configuration.cipher-list", text)).toMatchObject({
    status: "fail",
    detail: { en: "[b] the list lets in RC4" },
  });
  expect(found("configuration.cipher-list", "[a]\naccept = 1")?.detail.fr).toBe(
    "[a] ciphers n'est pas défini : des suites RSA statiques ou CBC sont acceptées en TLS 1.2",
  );
});

test("without a service nothing is judged, and it is said why", () => {
  for (const text of ["", "verifyChain = yes", "what is this"]) {
    const findings = judge(text);
    expect(findings.map(({ id }) => id)).toEqual(ids);
    for (const { status, detail, hint } of findings)
      expect([status, detail.en, hint?.en]).toEqual([
        "skip",
        "stunnel.conf has no service",
        "write the services of the link into this file itself",
      ]);
  }
  for (const { detail } of judge("include = /etc/more"))
    expect(detail.en).toContain('"include = /etc/more" is not followed');
});

test("what no service has is not judged", () => {
  expect(found("configuration.delay", "[a]\naccept = 1")).toMatchObject({
    status: "skip",
    detail: { en: "no service is a client", fr: "aucun service n'est client" },
  });
  expect(found("configuration.plain-side", "[a]\naccept = 1\nexec = /bin/true")).toMatchObject({
    status: "skip",
    detail: { en: "no service names a plain side" },
  });
});

test("what is included is said not to be judged, and does not hide a failure", () => {
  const include: [string, string] = ["pid =", "pid =\ninclude = /etc/more"];
  only(
    changed(include),
    "chain-verified",
    "warn",
    'verifyChain = yes; "include = /etc/more" is not followed',
    "into this file",
  );
  expect(changed(include, ["verifyChain = yes", ""])[0]).toMatchObject({
    status: "fail",
    detail: { en: expect.stringContaining("not followed") },
  });
});

test("a configuration is held against what Stunnel has read", () => {
  const conf = parseConf(delivered, "stunnel.conf");
  const asked = (loaded: string | undefined) => judgeLoaded(conf, loaded).status;
  expect([asked(digestOf(conf)), asked("another"), asked(undefined)]).toEqual(["pass", "fail", "skip"]);
});
