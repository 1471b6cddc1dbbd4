import { afterAll, beforeAll, expect, test } from "vitest";
import { judgeCrl } from "../../src/check/peer/peer-crl.ts";
import { approach, type Link } from "../../src/check/probe/link.ts";
import { readCrls } from "../../stunnel/crl.ts";
import { Scratch } from "./scratch.ts";
import { reached, serveTls, targetOf } from "./tls-kit.ts";
import { authority, ecPair, intermediate, listOf, now, openssl } from "./trust-kit.ts";

/* The peer's certificate is of an intermediate authority that comes in its chain, and is in no file of ours. */

const scratch = new Scratch();
let link: Link;

beforeAll(async () => {
  scratch.write("ca.crt", intermediate.certificate);
  scratch.write("ca.key", intermediate.key);
  const peer = ecPair(scratch, "dpi", "/CN=dpi", "ca", "-addext", "subjectAltName=DNS:dpi");
  await using server = await serveTls({ cert: peer.certificate + intermediate.certificate, key: peer.key });
  link = await approach(targetOf(server), reached, 0);
});
afterAll(() => scratch[Symbol.dispose]());

const judge = (lists: string) => {
  const certificate = link.baseline?.certificate;
  if (!certificate) throw new Error("no certificate was shown");
  const { status, detail } = judgeCrl(
    certificate,
    { ...link, target: { ...link.target, crls: readCrls(lists, "ca.crl") } },
    now,
  );
  return [status, detail.en];
};
const serial = () =>
  openssl(scratch.folder, "x509", "-in", "dpi.crt", "-noout", "-serial").trim().replace("serial=", "");

test("its list is judged by that chain: it passes, and where it takes the peer back it fails", () => {
  expect(judge(listOf(intermediate))).toEqual(["pass", `serial ${serial()} is in no CRL`]);
  const revoked = [{ serial: serial(), date: now }];
  expect(judge(listOf(intermediate, { revoked }))).toEqual(["fail", `serial ${serial()} is revoked`]);
});

test.each([
  ["a list that bears its name and not its signature", listOf({ ...intermediate, key: authority.key })],
  ["the root's list alone", listOf(authority)],
])("%s is none for the peer", (_what, lists) => {
  expect(judge(lists)).toEqual([
    "fail",
    expect.stringMatching(/^no CRL of CN=an intermediate authority, .* is at hand$/),
  ]);
});
