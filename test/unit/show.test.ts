import { X509Certificate } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { serialOf } from "../../stunnel/crl.ts";
import { show, trustPathsIn } from "../../stunnel/show.ts";
import { Scratch } from "./scratch.ts";
import { authority, daysAfter, intermediate, leaf, leafOf, listOf, now, stranger } from "./trust-kit.ts";

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
  mkdirSync(scratch.path("eai"));
  scratch.write("eai/eai.crt", leaf.certificate);
  scratch.write("eai/eai.key", leaf.key);
  scratch.write("eai/ca.crt", authority.certificate);
  scratch.write("eai/ca.crl", listOf(authority));
});
afterEach(() => scratch[Symbol.dispose]());

const shown = (when = now) => show("EAI", trustPathsIn(scratch.folder, "eai"), undefined, when);

test("a certificate is shown with everything that decides whether it is accepted", async () => {
  const { title, certificates, crls, warnings, served } = await shown();
  expect({ title, warnings, served }).toEqual({ title: "EAI", warnings: [], served: undefined });
  const certificate = new X509Certificate(leaf.certificate);
  expect(certificates[0]).toEqual({
    path: scratch.path("eai/eai.crt"),
    subject: `CN=eai, O=mllp-safetunnel sandbox, serialNumber=cert:${certificate.serialNumber}`,
    issuer: "CN=mllp-safetunnel sandbox CA, O=mllp-safetunnel sandbox",
    names: ["eai", "localhost"],
    usage: ["digitalSignature", "serverAuth", "clientAuth"],
    key: "RSA 512",
    signature: "sha256WithRSAEncryption",
    serial: certificate.serialNumber,
    fingerprint256: certificate.fingerprint256,
    from: certificate.validFromDate,
    ends: certificate.validToDate,
    daysLeft: 396,
    chain: "eai, mllp-safetunnel sandbox CA",
  });
  expect(certificates[1]).toMatchObject({ path: scratch.path("eai/ca.crt"), usage: ["keyCertSign", "cRLSign"] });
  expect(crls).toMatchObject([{ path: scratch.path("eai/ca.crl"), number: 1, daysLeft: 396, revoked: [] }]);
});

const sent = leafOf(intermediate).certificate + intermediate.certificate;
test.each([
  ["over the one between", sent, "eai, an intermediate authority, mllp-safetunnel sandbox CA"],
  [
    "nowhere, when the one between is missing",
    leafOf(intermediate).certificate,
    "eai, which leads to no authority here",
  ],
  ["nowhere, when another authority issued it", leafOf(stranger).certificate, "eai, which leads to no authority here"],
])("a chain leads %s", async (_where, text, chain) => {
  scratch.write("eai/eai.crt", text);
  expect((await shown()).certificates[0]?.chain).toBe(chain);
});

test("a list is shown with what it takes back, and warnings name the file", async () => {
  const serial = serialOf(new X509Certificate(leaf.certificate));
  scratch.write("eai/ca.crl", listOf(authority, { number: 9, revoked: [{ serial, date: daysAfter(-1) }] }));
  const { crls, warnings } = await shown(daysAfter(380));
  expect(crls).toMatchObject([{ number: 9, daysLeft: 16, revoked: [{ serial, date: daysAfter(-1) }] }]);
  expect(warnings).toEqual([
    expect.stringMatching(/eai\/eai\.crt: CN=eai, .* 16 days left$/),
    expect.stringMatching(/eai\/ca\.crl: the CRL of .* 16 days left$/),
    expect.stringMatching(/eai\/eai\.crt: is revoked/),
  ]);
});

test("without a list revoked peers are accepted, which is a warning", async () => {
  rmSync(scratch.path("eai/ca.crl"));
  expect((await shown()).warnings).toEqual([expect.stringContaining("revoked peers are accepted")]);
});

test("what cannot be read is a warning, and nothing else is shown", async () => {
  scratch.write("eai/eai.key", stranger.key);
  const warnings = [expect.stringContaining(`${scratch.path("eai/eai.key")} is not the key of`)];
  expect(await shown()).toEqual({ title: "EAI", certificates: [], crls: [], warnings });
});

test("a port that does not answer is told, and is no warning", async () => {
  const endpoint = { host: "127.0.0.1", port: 1 };
  const { served, warnings } = await show("EAI", trustPathsIn(scratch.folder, "eai"), endpoint, now);
  expect([served, warnings]).toEqual([{ place: "127.0.0.1:1", error: expect.stringContaining("ECONNREFUSED") }, []]);
});
