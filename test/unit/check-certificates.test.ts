import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Finding, Status } from "../../src/check/finding.ts";
import { judgeCertificates } from "../../src/check/own/certificates.ts";
import type { Served } from "../../src/check/own/served.ts";
import { QUESTIONS } from "../../src/check/questions.ts";
import { SafeTunnelError } from "../../src/errors.ts";
import { leafExtensions, periodFrom } from "../../stunnel/certificates.ts";
import { serialOf } from "../../stunnel/crl.ts";
import type { Material } from "../../stunnel/material.ts";
import { type Given, material, signed } from "./material-made.ts";
import { authority, daysAfter, intermediate, leaf, leafOf, listOf, now, stranger } from "./trust-kit.ts";

const ids = Object.keys(QUESTIONS).filter((id) => id.startsWith("certificates."));

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
      fr: expect.stringMatching(/prend fin le \S+, encore 396 jours$/),
    },
    "authority-days": { en: expect.stringMatching(/^ca\.crt: CN=mllp.* 3652 days left$/) },
    "crl-days": { en: expect.stringMatching(/^ca\.crl: the CRL of .* 396 days left$/) },
    crl: { en: "1 CRL, 0 revoked, ours is not among them" },
    lab: { en: "eai" },
    served: { en: expect.stringMatching(/^127\.0\.0\.1:32200 serves [0-9A-F:]{23}…$/) },
  });
});

describe("one thing is wrong:", () => {
  const past = leafOf(intermediate).certificate;
  test.each<[string, Status, Given, string, string]>([
    [
      "chain",
      "warn",
      { own: past },
      "eai.crt: does not lead to an authority of ca.crt",
      "intermediate certificates behind our own",
    ],
    [
      "chain",
      "fail",
      { own: leaf.certificate + intermediate.certificate, crls: listOf(authority) + listOf(intermediate) },
      'in eai.crt "eai" is followed by "an intermediate authority", which did not sign it',
      "intermediate certificates behind our own",
    ],
    [
      "names",
      "fail",
      { own: signed({ extensions: leafExtensions(["ris", "localhost"]) }) },
      "ris, localhost, not eai",
      "DNS:eai",
    ],
    [
      "names",
      "fail",
      { own: signed({ commonName: "ris", extensions: without("subjectAltName") }) },
      "CN=ris, not eai",
      "DNS:eai",
    ],
    [
      "names",
      "warn",
      { own: signed({ extensions: without("subjectAltName") }) },
      "eai is its common name only",
      "DNS:eai",
    ],
    [
      "usage",
      "fail",
      { own: signed({ extensions: [...without("extKeyUsage"), { name: "extKeyUsage", clientAuth: true }] }) },
      "eai.crt: lacks serverAuth",
      "serverAuth and clientAuth",
    ],
    ["own-days", "warn", { own: signed({ period: periodFrom(now, 20) }) }, "4 days left", "certs rotate"],
    ["own-days", "fail", { own: signed({ period: periodFrom(daysAfter(-10), 9) }) }, "ended on", "certs rotate"],
    [
      "own-days",
      "fail",
      { own: signed({ period: periodFrom(daysAfter(10), 90) }) },
      "is valid only from",
      "certs rotate",
    ],
    [
      "crl-days",
      "fail",
      { crls: listOf(authority, { period: periodFrom(daysAfter(-10), 9) }) },
      "expired on",
      "current CRL",
    ],
    [
      "crl",
      "fail",
      { crls: listOf(authority, { revoked: [{ serial, date: now }] }) },
      "eai.crt: is revoked",
      "certs rotate",
    ],
    [
      "crl",
      "fail",
      { crls: listOf(authority) + listOf(stranger) },
      "that no authority here signed",
      "CRL of each authority",
    ],
    [
      "lab",
      "fail",
      { own: signed({ unit: "FAULTY expired" }) },
      "eai.crt: is marked as faulty (expired)",
      "certificate and key of the site",
    ],
  ])("%s is a %s, %#", (name, status, given, detail, hint) => {
    const files = material(given);
    // a certificate of 20 days is judged by its own period
    const when = status === "warn" && name === "own-days" ? daysAfter(15) : now;
    const found = wrong(judge(files, when, { ...served, fingerprint256: files.chain[0].fingerprint256 }));
    const among = given.own === past ? found.filter(({ id }) => id !== "certificates.crl") : found;
    expect(among.map((finding) => [finding.id, finding.status])).toEqual([[`certificates.${name}`, status]]);
    expect(among[0]?.detail.en).toContain(detail);
    expect(among[0]?.hint?.en).toContain(hint);
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

test("a certificate that says nothing of its use is good for both roles", () => {
  const findings = judge(material({ own: signed({ extensions: without("extKeyUsage").slice(-1) }) }));
  expect(findings.find(({ id }) => id === "certificates.usage")).toMatchObject({
    status: "pass",
    detail: { en: "it names no usage, which allows all" },
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
