import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Finding, Status } from "../../src/check/finding.ts";
import { judgeCertificates } from "../../src/check/own/certificates.ts";
import type { Served } from "../../src/check/own/served.ts";
import { QUESTIONS } from "../../src/check/questions.ts";
import { SafeTunnelError } from "../../src/errors.ts";
import { leafExtensions, periodFrom, signCertificate } from "../../stunnel/certificates.ts";
import { readCrls, serialOf } from "../../stunnel/crl.ts";
import { readCertificates } from "../../stunnel/inspect.ts";
import type { Material } from "../../stunnel/material.ts";
import { noticesOf } from "../../stunnel/notices.ts";
import * as made from "./strength-made.ts";
import { authority, daysAfter, intermediate, leaf, leafOf, listOf, now, stranger } from "./trust-kit.ts";

const ids = Object.keys(QUESTIONS).filter((id) => id.startsWith("certificates."));

interface Given {
  own?: string;
  authorities?: string;
  /** Null where the configuration names no CRLfile. */
  crls?: string | null;
}

const material = ({ own, authorities, crls = listOf(authority) }: Given = {}): Material => ({
  paths: { certificate: "eai.crt", key: "eai.key", authorities: "ca.crt", crl: crls === null ? undefined : "ca.crl" },
  chain: readCertificates(own ?? leaf.certificate, "eai.crt", ""),
  authorities: readCertificates(authorities ?? authority.certificate, "ca.crt", ""),
  crls: crls === null ? undefined : readCrls(crls, "ca.crl"),
  digest: "of all",
});

const site = { name: "eai" };
const { fingerprint256 } = new X509Certificate(leaf.certificate);
const served: Served = { place: "127.0.0.1:32200", fingerprint256, loaded: "of all" };

/** What the certificates of the kit, whose keys are too short, are judged beside their strength. */
const judge = (
  given: Material | Error,
  when = now,
  at: Served | undefined = served,
  whose: typeof site | undefined = site,
) => judgeCertificates(given, whose, at, when);
const wrong = (findings: Finding[]) =>
  findings.filter(({ id, status }) => status !== "pass" && id !== "certificates.strength");
const signed = (changes: object): string =>
  signCertificate({
    commonName: "eai",
    key: leaf.key,
    issuer: authority,
    period: periodFrom(now, 397),
    extensions: leafExtensions(["eai"]),
    ...changes,
  });
const without = (name: string) => leafExtensions(["eai"]).filter((one) => Reflect.get(one, "name") !== name);
const serial = serialOf(new X509Certificate(leaf.certificate));

test("what is as it should be passes, with what was seen", () => {
  const findings = judge(material());
  expect(findings.map(({ id }) => id)).toEqual(ids);
  expect(wrong(findings)).toEqual([]);
  const details = Object.fromEntries(findings.map(({ id, detail }) => [id.replace("certificates.", ""), detail]));
  expect(details).toMatchObject({
    files: { en: "eai.crt, eai.key, ca.crt, ca.crl" },
    chain: { en: "eai, mllp-safetunnel sandbox CA" },
    names: { en: "eai, localhost" },
    usage: { en: "digitalSignature, serverAuth, clientAuth" },
    "own-days": {
      en: expect.stringMatching(/^eai\.crt: CN=eai, .* ends on \S+, 396 days left$/),
      fr: expect.stringMatching(/prend fin le \S+, reste 396 jours$/),
    },
    "authority-days": { en: expect.stringMatching(/^ca\.crt: CN=mllp.* 3652 days left$/) },
    "crl-days": { en: expect.stringMatching(/^ca\.crl: the CRL of .* 396 days left$/) },
    crl: { en: "1 CRL, 0 revoked, ours is none of them" },
    lab: { en: "eai" },
    served: { en: expect.stringMatching(/^127\.0\.0\.1:32200 serves [0-9A-F:]{23}…$/) },
  });
});

test("keys and signatures of today's strength pass", () => {
  const chain: Material["chain"] = [made.ecLeaf];
  const [, ...findings] = judge({ ...material({ crls: null }), chain, authorities: [made.ecRoot, made.sha1Root] });
  expect(findings.find(({ id }) => id === "certificates.strength")).toMatchObject({
    status: "pass",
    detail: { en: "leaf EC prime256v1, root EC prime256v1, sha1 root EC prime256v1" },
  });
});

describe("one thing is wrong:", () => {
  const past = leafOf(intermediate).certificate;
  test.each<[string, Status, Given, string]>([
    ["chain", "warn", { own: past }, "eai.crt: does not lead to an authority of ca.crt"],
    [
      "chain",
      "fail",
      { own: leaf.certificate + intermediate.certificate, crls: listOf(authority) + listOf(intermediate) },
      'in eai.crt "eai" is followed by "an intermediate authority", which did not sign it',
    ],
    ["names", "fail", { own: signed({ extensions: leafExtensions(["ris", "localhost"]) }) }, "ris, localhost, not eai"],
    ["names", "fail", { own: signed({ commonName: "ris", extensions: without("subjectAltName") }) }, "CN=ris, not eai"],
    ["names", "warn", { own: signed({ extensions: without("subjectAltName") }) }, "eai is its common name only"],
    [
      "usage",
      "fail",
      { own: signed({ extensions: [...without("extKeyUsage"), { name: "extKeyUsage", clientAuth: true }] }) },
      "eai.crt: lacks serverAuth",
    ],
    ["own-days", "warn", { own: signed({ period: periodFrom(now, 20) }) }, ""],
    ["own-days", "fail", { own: signed({ period: periodFrom(daysAfter(-10), 9) }) }, "ended on"],
    ["own-days", "fail", { own: signed({ period: periodFrom(daysAfter(10), 90) }) }, "is valid only from"],
    ["crl-days", "fail", { crls: listOf(authority, { period: periodFrom(daysAfter(-10), 9) }) }, "has expired on"],
    ["crl", "fail", { crls: listOf(authority, { revoked: [{ serial, date: now }] }) }, "eai.crt: is revoked"],
    ["crl", "fail", { crls: listOf(authority) + listOf(stranger) }, "that no authority here signed"],
    ["lab", "fail", { own: signed({ unit: "FAULTY expired" }) }, "eai.crt: is marked as faulty (expired)"],
  ])("%s is a %s, %#", (name, status, given, detail) => {
    const files = material(given);
    // a certificate of 20 days is judged by its own period
    const when = status === "warn" && name === "own-days" ? daysAfter(15) : now;
    const found = wrong(judge(files, when, { ...served, fingerprint256: files.chain[0].fingerprint256 }));
    const among = given.own === past ? found.filter(({ id }) => id !== "certificates.crl") : found;
    expect(among.map((finding) => [finding.id, finding.status])).toEqual([[`certificates.${name}`, status]]);
    expect(among[0]?.detail.en).toContain(detail);
    expect(among[0]?.hint?.en).not.toBe("");
  });

  test("strength is a fail, by the name of each", () => {
    const chain: Material["chain"] = [made.sha1Leaf];
    const files = { ...material(), chain, authorities: [made.ecRoot, made.p192Leaf] };
    expect(judge(files).find(({ id }) => id === "certificates.strength")).toMatchObject({
      status: "fail",
      detail: { en: "sha1: signed with SHA-1, which can be forged; p192: key EC prime192v1, below 224 bits" },
    });
  });

  test("authority-days is a fail for one that has ended", () => {
    const found = wrong(judge(material({ crls: null }), daysAfter(4000)));
    expect(found.find(({ id }) => id === "certificates.authority-days")).toMatchObject({
      status: "fail",
      detail: { en: expect.stringMatching(/^ca\.crt: .* ended on/) },
    });
  });
});

test("an intermediate certificate in its place passes, and its days are an authority's", () => {
  const own = leafOf(intermediate).certificate + intermediate.certificate;
  const given = material({ own, crls: listOf(authority) + listOf(intermediate) });
  const findings = judge(given, now, { ...served, fingerprint256: given.chain[0].fingerprint256 });
  expect(wrong(findings)).toEqual([]);
  const detail = (name: string) => findings.find(({ id }) => id === `certificates.${name}`)?.detail.en;
  expect(detail("chain")).toBe("eai, an intermediate authority, mllp-safetunnel sandbox CA");
  expect(detail("authority-days")).toMatch(/^eai\.crt: CN=an intermediate authority.*; ca\.crt: CN=mllp/);
});

test("a certificate that says nothing of its use may prove both ends", () => {
  const findings = judge(material({ own: signed({ extensions: without("extKeyUsage").slice(-1) }) }));
  expect(findings.find(({ id }) => id === "certificates.usage")).toMatchObject({
    status: "pass",
    detail: { en: "it does not say, which allows all" },
  });
});

test("without a list revoked peers are accepted, and its days are not judged", () => {
  expect(wrong(judge(material({ crls: null })))).toMatchObject([
    { id: "certificates.crl-days", status: "skip", detail: { en: "no CRLfile is set" } },
    { id: "certificates.crl", status: "skip", detail: { fr: "CRLfile n'est pas défini" } },
  ]);
});

test("whose the names should be may be unknown", () => {
  expect(wrong(judgeCertificates(material(), undefined, served, now))).toMatchObject([
    { id: "certificates.names", status: "skip", detail: { en: "eai, localhost; whose it should be is not said" } },
  ]);
});

describe("what is served", () => {
  const own = { place: "127.0.0.1:32200", fingerprint256 };
  test.each<[string, Served | undefined, Status, string]>([
    [
      "is another certificate",
      { ...own, fingerprint256: "00" },
      "fail",
      "serves another certificate than eai.crt holds",
    ],
    ["was read before the files changed", { ...own, loaded: "old" }, "warn", "newer than what Stunnel has read"],
    ["cannot be asked", { place: "a:1", error: "no certificate is shown on a:1" }, "skip", "is shown on a:1"],
    ["is not known", undefined, "skip", "no TLS port is known"],
  ])("%s", (_what, at, status, detail) => {
    const [finding, ...others] = wrong(judgeCertificates(material(), site, at, now));
    expect([finding?.id, finding?.status, others]).toEqual(["certificates.served", status, []]);
    expect(finding?.detail.en).toContain(detail);
  });

  test("passes where the site does not say what it has read", () => {
    expect(wrong(judge(material(), now, own))).toEqual([]);
  });
});

test("files that cannot be read fail with the reason, and the rest is not judged", () => {
  const error = new SafeTunnelError("key-mismatch", "eai.key is not the key of eai.crt", { hint: "put it back" });
  const [files, ...others] = judge(error);
  expect(files).toMatchObject({
    id: "certificates.files",
    status: "fail",
    detail: { en: "eai.key is not the key of eai.crt" },
    hint: { en: "put it back" },
  });
  expect(others.map(({ id }) => id)).toEqual(ids.slice(1));
  for (const { status, detail } of others) expect([status, detail.en]).toEqual(["skip", "the files cannot be read"]);
});

test("every notice is said in French as well, with the same names and files", () => {
  const notices = [
    material({ own: signed({ unit: "FAULTY expired", issuer: stranger }), crls: null }),
    material({
      own: signed({
        extensions: [
          { name: "keyUsage", cRLSign: true },
          { name: "extKeyUsage", emailProtection: true },
        ],
      }),
    }),
    material({ crls: listOf(authority, { revoked: [{ serial, date: now }] }) + listOf(stranger) }),
    material({ authorities: authority.certificate + stranger.certificate }),
  ].flatMap((files) => noticesOf(files));
  expect(new Set(notices.map(({ about }) => about))).toEqual(new Set(["lab", "chain", "usage", "crl"]));
  for (const { text } of notices) {
    expect(text.fr).not.toBe(text.en);
    const marked = /\b(?:ca\.crt|CN=[^:]*?sandbox(?=[ :])|serverAuth|clientAuth|digitalSignature|CRLfile|expired\))/g;
    for (const word of text.en.match(marked) ?? []) expect(text.fr).toContain(word);
  }
});
