import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { judgeConfiguration } from "../../src/check/configuration/configuration.ts";
import { judgeLoaded } from "../../src/check/configuration/loaded.ts";
import type { Finding, Status } from "../../src/check/finding.ts";
import { type FindingId, QUESTIONS } from "../../src/check/questions.ts";
import { digestOf, parseConf } from "../../src/site/stunnel-conf.ts";

const delivered = readFileSync("eai/stunnel.conf", "utf8");
// whether Stunnel has read it does not show in the file
const ids = Object.keys(QUESTIONS).filter((id) => id.startsWith("configuration.") && id !== "configuration.loaded");

const judge = (text: string): Finding[] => judgeConfiguration(parseConf(text, "stunnel.conf"));

/** What is not as it should be once lines of the delivered file are others; "" takes one out. */
function changed(...changes: [line: string, by: string][]): Finding[] {
  const text = changes.reduce((all, [line, by]) => {
    expect(all).toContain(`\n${line}\n`);
    return all.replaceAll(`\n${line}\n`, `\n${by}\n`);
  }, delivered);
  return judge(text).filter(({ status }) => status !== "pass");
}

/** Asserts that one finding is all that is wrong, with these words of it. */
function only(findings: Finding[], id: string, status: Status, detail: string, hint: string): void {
  expect(findings.map((finding) => [finding.id, finding.status])).toEqual([[`configuration.${id}`, status]]);
  expect(findings[0]?.detail.en).toContain(detail);
  expect(findings[0]?.hint?.en).toContain(hint);
  // French is told the same lines
  for (const line of hint.match(/\w+ = [^"]+/g) ?? []) expect(findings[0]?.hint?.fr).toContain(line);
}

const found = (id: FindingId, text: string) => judge(text).find((finding) => finding.id === id);
const CIPHERS = /^ciphers = .*$/m.exec(delivered)?.[0] ?? "";
const CHECK: [string, string] = ["checkHost = dpi", ""];
const KEEPALIVE = ["l", "r"].map((side) => `socket = ${side}:SO_KEEPALIVE=1`);

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

describe("one line is wrong:", () => {
  test.each<[string, Status, [string, string][], string, string]>([
    [
      "chain-verified",
      "fail",
      [["verifyChain = yes", "verify = 1"]],
      "verify = 1: a peer without a certificate",
      '"verifyChain = yes" instead of "verify = 1" in [adt',
    ],
    [
      "chain-verified",
      "fail",
      [["verifyChain = yes", "verifyChain = yes\nrequireCert = no"]],
      "[adt_from_dpi] verifyChain = yes, requireCert = no: a peer without",
      '"requireCert = yes" instead of "requireCert = no" in [adt_from_dpi]',
    ],
    [
      "chain-verified",
      "fail",
      [["verifyChain = yes", "verifyChain = true"]],
      "verifyChain = true: with checkHost and without it Stunnel does not start",
      '"verifyChain = yes" instead of "verifyChain = true" in [mdm_to_dpi] [adt_from_dpi]',
    ],
    [
      "chain-verified",
      "fail",
      [["verifyChain = yes", "verify = 0"]],
      "verify = 0",
      '"verifyChain = yes" instead of "verify = 0"',
    ],
    [
      "chain-verified",
      "fail",
      [["verifyChain = yes", ""]],
      "verifyChain is not set",
      'write "verifyChain = yes" in [mdm_to_dpi] [adt_from_dpi] of stunnel.conf',
    ],
    [
      "chain-verified",
      "fail",
      [["verifyChain = yes", "verify = 2\nverifyChain = no"]],
      "verify = 2, verifyChain = no",
      '"verifyChain = yes" instead of "verify = 2", "verifyChain = no"',
    ],
    [
      "peer-name",
      "fail",
      [CHECK],
      "[mdm_to_dpi] [adt_from_dpi] neither checkHost",
      'write "checkHost = dpi" in [mdm_to_dpi] [adt_from_dpi]',
    ],
    [
      "revocation",
      "warn",
      [["CRLfile = /certs/ca.crl", ""]],
      "revoked peers are accepted",
      'write "CRLfile = /certs/ca.crl" in',
    ],
    [
      "oldest-version",
      "warn",
      [["sslVersionMin = TLSv1.2", ""]],
      "security level alone",
      'write "sslVersionMin = TLSv1.2"',
    ],
    [
      "oldest-version",
      "fail",
      [["sslVersionMin = TLSv1.2", "securityLevel = 0"]],
      "TLSv1 is allowed, security level 0",
      'write "sslVersionMin = TLSv1.2"',
    ],
    [
      "oldest-version",
      "fail",
      [["sslVersionMin = TLSv1.2", "sslVersionMin = TLSv1"]],
      "sslVersionMin = TLSv1: TLSv1 is allowed",
      'instead of "sslVersionMin = TLSv1"',
    ],
    [
      "oldest-version",
      "fail",
      [["sslVersionMin = TLSv1.2", "sslVersionMin = tlsv1.1"]],
      "TLSv1.1 is allowed",
      "sslVersionMin = TLSv1.2",
    ],
    [
      "oldest-version",
      "fail",
      [["sslVersionMin = TLSv1.2", "sslVersionMin = all"]],
      "sslVersionMin = all: TLSv1 is allowed",
      "sslVersionMin = TLSv1.2",
    ],
    [
      "oldest-version",
      "fail",
      [["sslVersionMin = TLSv1.2", "sslVersionMin = TLSv1.2\nsslVersion = all"]],
      "TLSv1 is allowed",
      "sslVersionMin = TLSv1.2",
    ],
    [
      "oldest-version",
      "fail",
      [["sslVersionMin = TLSv1.2", "sslVersion = TLSv1.1"]],
      "sslVersion = TLSv1.1: TLSv1.1 is allowed",
      'instead of "sslVersion = TLSv1.1"',
    ],
    [
      "oldest-version",
      "fail",
      [["sslVersionMin = TLSv1.2", "sslVersionMax = TLSv1.1"]],
      "is allowed",
      'instead of "sslVersionMax = TLSv1.1"',
    ],
    [
      "oldest-version",
      "fail",
      [["sslVersionMin = TLSv1.2", "sslVersionMin = TLSv1\noptions = NO_TLSv1"]],
      "TLSv1.1 is allowed",
      "sslVersionMin = TLSv1.2",
    ],
    [
      "oldest-version",
      "fail",
      [["sslVersionMin = TLSv1.2", "sslVersion = all\noptions = NO_TLSv1\noptions = NO_TLSv1_1\noptions = -NO_TLSv1"]],
      "TLSv1 is allowed",
      "sslVersionMin",
    ],
    [
      "cipher-list",
      "warn",
      [[CIPHERS, ""]],
      "ciphers is not set: static RSA or CBC",
      'write "ciphers = ECDHE-ECDSA-AES256-GCM-SHA384:',
    ],
    [
      "cipher-list",
      "warn",
      [[CIPHERS, "ciphers = HIGH:!aNULL"]],
      "lets in HIGH: static RSA or CBC",
      'instead of "ciphers = HIGH:!aNULL"',
    ],
    ["cipher-list", "warn", [[CIPHERS, "ciphers = HIGH:!aNULL:!kRSA"]], "lets in HIGH", "ciphers = ECDHE"],
    [
      "cipher-list",
      "warn",
      [[CIPHERS, `${CIPHERS}:AES128-GCM-SHA256, ECDHE-RSA-AES128-SHA`]],
      "AES128-GCM-SHA256, ECDHE-RSA-AES128-SHA:",
      "ciphers = ECDHE",
    ],
    [
      "cipher-list",
      "warn",
      [[CIPHERS, "ciphers = TLS_RSA_WITH_AES_128_GCM_SHA256"]],
      "TLS_RSA_WITH_AES_128_GCM_SHA256",
      "ciphers = ECDHE",
    ],
    ["cipher-list", "warn", [[CIPHERS, "ciphers = AESGCM"]], "lets in AESGCM", "ciphers = ECDHE"],
    ["cipher-list", "warn", [[CIPHERS, "ciphers = ECDHE"]], "lets in ECDHE", "ciphers = ECDHE"],
    [
      "cipher-list",
      "fail",
      [[CIPHERS, "ciphers = HIGH@SECLEVEL=0"]],
      "lets in HIGH: at security level 0",
      "ciphers = ECDHE",
    ],
    [
      "cipher-list",
      "fail",
      [[CIPHERS, "ciphers = AESGCM:!kRSA\nsecurityLevel = 0"]],
      "lets in AESGCM: at security level 0",
      "ciphers = ECDHE",
    ],
    ["cipher-list", "fail", [[CIPHERS, "ciphers = HIGH:ECDHE+aNULL"]], "lets in ECDHE+aNULL", "ciphers = ECDHE"],
    [
      "cipher-list",
      "fail",
      [[CIPHERS, `${CIPHERS}\nciphersuites = TLS_AES_128_GCM_SHA256:TLS_SHA256_SHA256`]],
      "lets in TLS_SHA256_SHA256",
      'instead of "ciphersuites = TLS_AES_128_GCM_SHA256:TLS_SHA256_SHA256"',
    ],
    ["resumption", "fail", [["sessionResume = no", ""]], "sessionResume is not set", 'write "sessionResume = no"'],
    [
      "resumption",
      "fail",
      [["sessionResume = no", "sessionResume = yes"]],
      "sessionResume = yes: a resumed",
      'instead of "sessionResume = yes"',
    ],
    [
      "plain-side",
      "fail",
      [["accept = 127.0.0.1:21010", "accept = 21010"]],
      "[mdm_to_dpi] accept = 21010: plain text is taken on all addresses",
      '"accept = 127.0.0.1:21010" instead of "accept = 21010" in [mdm_to_dpi]',
    ],
    [
      "plain-side",
      "fail",
      [["accept = 127.0.0.1:21010", "accept = 0.0.0.0:21010"]],
      "on all addresses",
      "accept = 127.0.0.1:21010",
    ],
    [
      "plain-side",
      "fail",
      [["accept = 127.0.0.1:21010", "accept = :::21010"]],
      "on all addresses",
      "accept = 127.0.0.1:21010",
    ],
    [
      "plain-side",
      "fail",
      [["accept = 127.0.0.1:21010", "accept = ::1:21010\naccept = eai:21011"]],
      "accept = eai:21011: plain text is taken from other machines",
      'write "accept = 127.0.0.1:21011" instead of "accept = eai:21011"',
    ],
    [
      "plain-side",
      "fail",
      [["connect = 127.0.0.1:22010", "connect = listener:22010"]],
      "[adt_from_dpi] connect = listener:22010: messages leave",
      '"connect = 127.0.0.1:22010" instead of "connect = listener:22010" in [adt_from_dpi]',
    ],
    [
      "delay",
      "warn",
      [["delay = yes", ""]],
      "[mdm_to_dpi] delay is not set: the first address of dpi is kept",
      'write "delay = yes" in [mdm_to_dpi] of',
    ],
    ["delay", "warn", [["delay = yes", "delay = no"]], "delay = no", 'instead of "delay = no"'],
    [
      "time-limits",
      "warn",
      [["TIMEOUTbusy = 10", ""]],
      "TIMEOUTbusy is not set: a silent peer holds the sender up for 300 s",
      'write "TIMEOUTbusy = 10" in [mdm',
    ],
    ["time-limits", "warn", [["TIMEOUTbusy = 10", "TIMEOUTbusy = 61"]], "for 61 s", 'instead of "TIMEOUTbusy = 61"'],
    [
      "time-limits",
      "warn",
      [["TIMEOUTbusy = 10", "TIMEOUTbusy = 10\nTIMEOUTidle = 3599"]],
      "TIMEOUTidle = 3599: idle links",
      '"TIMEOUTidle = 43200" instead of "TIMEOUTidle = 3599"',
    ],
    [
      "time-limits",
      "warn",
      [["socket = r:SO_KEEPALIVE=1", ""]],
      "no SO_KEEPALIVE (r)",
      'write "socket = r:SO_KEEPALIVE=1" in',
    ],
    [
      "time-limits",
      "warn",
      KEEPALIVE.map((line) => [line, `${line}\n${line.replace("=1", "=0")}`]),
      "no SO_KEEPALIVE (l, r)",
      "socket = l:SO_KEEPALIVE=1",
    ],
    ["log-level", "warn", [["debug = info", ""]], "debug is not set", 'write "debug = info" in'],
    ["log-level", "warn", [["debug = info", "debug = 5"]], "debug = 5", '"debug = info" instead of "debug = 5"'],
    ["log-level", "warn", [["debug = info", "debug = daemon.notice"]], "debug = daemon.notice", "debug = info"],
    [
      "plain-side",
      "fail",
      [["accept = 127.0.0.1:21010", "accept = *:21010"]],
      "on all addresses",
      "accept = 127.0.0.1:21010",
    ],
    [
      "chain-verified",
      "fail",
      [["verifyChain = yes", "verifyPeer = yes\nrequireCert = no"]],
      "a peer without a certificate",
      '"requireCert = yes" instead of "requireCert = no" in [adt_from_dpi]',
    ],
    [
      "oldest-version",
      "warn",
      [["sslVersionMin = TLSv1.2", "sslVersionMax = TLSv1.3"]],
      "security level alone",
      "sslVersionMin = TLSv1.2",
    ],
  ])("%s is a %s with %j", (id, status, changes, detail, hint) => {
    only(changed(...changes), id, status, detail, hint);
  });
});

describe("another spelling passes:", () => {
  test.each<[string, [string, string][], string, string]>([
    ["chain-verified", [["verifyChain = yes", "verify = 2"]], "verify = 2", "verify = 2"],
    [
      "chain-verified",
      [["verifyChain = yes", "verify = 3"]],
      "verify = 3: the peer's certificate is pinned",
      "est épinglé",
    ],
    ["chain-verified", [["verifyChain = yes", "VerifyChain = YES"]], "verifyChain = YES", "verifyChain = YES"],
    [
      "chain-verified",
      [["verifyChain = yes", "requireCert = no\nverifyChain = yes"]],
      "requireCert = no, verifyChain = yes",
      "",
    ],
    [
      "chain-verified",
      [["verifyChain = yes", "verifyPeer = yes"]],
      "verifyPeer = yes: the peer's certificate is pinned",
      "",
    ],
    ["peer-name", [CHECK, ["verifyChain = yes", "verifyPeer = yes"]], "verifyPeer: the certificate is known", ""],
    [
      "peer-name",
      [["checkHost = dpi", "checkIP = 127.0.0.1\ncheckEmail = a@b"]],
      "checkIP = 127.0.0.1, checkEmail = a@b",
      "",
    ],
    ["revocation", [["CRLfile = /certs/ca.crl", "CRLpath = /crls"]], "CRLpath = /crls", ""],
    ["revocation", [["CRLfile = /certs/ca.crl", "OCSP = http://ocsp"]], "OCSP = http://ocsp", ""],
    ["revocation", [["CRLfile = /certs/ca.crl", "OCSPaia = yes"]], "OCSPaia = yes", ""],
    [
      "revocation",
      [
        ["CRLfile = /certs/ca.crl", ""],
        ["verifyChain = yes", "verifyPeer = yes"],
      ],
      "taken out of CAfile",
      "",
    ],
    ["oldest-version", [["sslVersionMin = TLSv1.2", "sslVersionMin = TLSv1.3"]], "TLSv1.3", ""],
    ["oldest-version", [["sslVersionMin = TLSv1.2", "sslVersion = TLSv1.2"]], "TLSv1.2", ""],
    ["oldest-version", [["sslVersionMin = TLSv1.2", "sslVersion = all\nsslVersionMin = TLSv1.2"]], "TLSv1.2", ""],
    ["oldest-version", [["sslVersionMin = TLSv1.2", "options = NO_TLSv1\noptions = no_tlsv1_1"]], "TLSv1.2", ""],
    [
      "oldest-version",
      [["sslVersionMin = TLSv1.2", "sslVersionMin = TLSv1.2\nsecurityLevel = 1"]],
      "TLSv1.2, security level 1",
      "",
    ],
    ["cipher-list", [[CIPHERS, `${CIPHERS}:!aNULL:+ECDHE:-RC4:@STRENGTH`]], "4 entries, all with forward", ""],
    [
      "cipher-list",
      [[CIPHERS, "ciphers = DHE-RSA-CHACHA20-POLY1305 ECDHE-ECDSA-AES128-CCM,ECDHE-ARIA256-GCM-SHA384"]],
      "3 entries",
      "",
    ],
    ["cipher-list", [[CIPHERS, "ciphers = TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]], "1 entry, all", ""],
    ["cipher-list", [[CIPHERS, "ciphers = EECDH+AESGCM:EDH+AESGCM"]], "2 entries", ""],
    ["cipher-list", [[CIPHERS, "ciphers = AESGCM:RC4:!kRSA:!RC4"]], "1 entry", ""],
    [
      "cipher-list",
      [
        [CIPHERS, ""],
        ["sslVersionMin = TLSv1.2", "sslVersionMin = TLSv1.3"],
      ],
      "TLS 1.3 only",
      "TLS 1.3 seulement",
    ],
    ["plain-side", [["accept = 127.0.0.1:21010", "accept = localhost:21010"]], "accept = localhost:21010", ""],
    ["plain-side", [["accept = 127.0.0.1:21010", "accept = ::1:21010"]], "accept = ::1:21010", ""],
    ["plain-side", [["accept = 127.0.0.1:21010", "accept = 127.9.0.1:21010"]], "accept = 127.9.0.1:21010", ""],
    ["plain-side", [["connect = 127.0.0.1:22010", "connect = 22010"]], "connect = 22010", ""],
    ["plain-side", [["connect = 127.0.0.1:22010", "connect = /run/mllp.sock"]], "connect = /run/mllp.sock", ""],
    [
      "delay",
      [
        ["delay = yes", ""],
        ["connect = dpi:32100", "connect = 127.0.0.5:32100"],
      ],
      "connect = 127.0.0.5:32100",
      "",
    ],
    [
      "time-limits",
      [["TIMEOUTbusy = 10", "TIMEOUTbusy = 60\nTIMEOUTidle = 3600"]],
      "TIMEOUTbusy = 60, TIMEOUTidle = 3600, SO_KEEPALIVE l, r",
      "",
    ],
    ["time-limits", [["socket = l:SO_KEEPALIVE=1", "socket = l:SO_KEEPALIVE=yes"]], "SO_KEEPALIVE l, r", ""],
    ["log-level", [["debug = info", "debug = daemon.INFO"]], "debug = daemon.INFO", ""],
    ["log-level", [["debug = info", "debug = 7"]], "debug = 7", ""],
    ["resumption", [["sessionResume = no", "sessionResume = NO"]], "sessionResume = NO", ""],
    [
      "delay",
      [
        ["delay = yes", ""],
        ["connect = dpi:32100", "connect = 192.0.2.7:32100"],
      ],
      "connect = 192.0.2.7:32100",
      "",
    ],
    [
      "delay",
      [
        ["delay = yes", ""],
        ["connect = dpi:32100", "connect = localhost:32100"],
      ],
      "connect = localhost:32100",
      "",
    ],
    [
      "chain-verified",
      [
        ["verifyChain = yes", "verifyChain = yes\nrequireCert = no"],
        ["checkHost = dpi", "checkHost = dpi\nverifyChain = yes"],
      ],
      "requireCert = no, verifyChain = yes",
      "",
    ],
  ])("%s with %j", (id, changes, en, fr) => {
    expect(changed(...changes)).toEqual([]);
    const text = changes.reduce((all, [line, by]) => all.replaceAll(`\n${line}\n`, `\n${by}\n`), delivered);
    const { detail } = found(`configuration.${id}` as FindingId, text) ?? {};
    expect(detail?.en).toContain(en);
    expect(detail?.fr).toContain(fr);
  });
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
