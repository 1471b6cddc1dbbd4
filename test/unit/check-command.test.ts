import { afterAll, describe, expect, test } from "vitest";
import { checkCommand } from "../../src/commands/check.ts";
import { Message } from "../../src/hl7/message.ts";
import { writeAcknowledgment } from "../../src/hl7/write-acknowledgment.ts";
import { frame } from "../../src/mllp/frame.ts";
import { FrameDecoder } from "../../src/mllp/frame-decoder.ts";
import { runIn } from "./command-in-process.ts";
import { inTurns } from "./in-turns.ts";
import { answerer } from "./peer.ts";
import { Scratch } from "./scratch.ts";
import { dpi, eai, expired, isSilent, serve, serveTls, sibling, verifying } from "./tls-kit.ts";
import { authority, listOf } from "./trust-kit.ts";

const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());
const files = {
  cert: scratch.write("eai.crt", eai.certificate),
  key: scratch.write("eai.key", eai.key),
  ca: scratch.write("ca.crt", authority.certificate),
  crl: scratch.write("ca.crl", listOf(authority)),
  other: scratch.write("dpi.key", dpi.key),
  old: scratch.write("old.crt", expired.certificate),
  broken: scratch.write("broken.hl7", "MSH|^~\\&|A|B|C|D|20260115||ADT^A01|1|P|2.6\nPID|\x0b\n"),
};
// gen-certs lays them there
scratch.write("eai.expired.crt", expired.certificate);
scratch.write("eai.sibling.crt", sibling.certificate);

const waits = { longHoldMs: 400, shortHoldMs: 400 };
const check = (...parameters: string[]) => inTurns(() => runIn(scratch.folder, checkCommand(waits), ...parameters));
const at = ({ endpoint: { host, port } }: { endpoint: { host: string; port: number } }) => `${host}:${port}`;
const shown = ["--name", "dpi", "--cert", files.cert, "--key", files.key, "--ca", files.ca, "--crl", files.crl];

/** A peer that refuses what is to be refused, by its name too, and takes no wrong message. */
const rightPeer = (code = "AA") =>
  serveTls({ ...verifying, minVersion: "TLSv1.3", ciphers: "TLS_AES_128_GCM_SHA256:DEFAULT:@SECLEVEL=0" }, (socket) => {
    if (socket.getPeerX509Certificate()?.checkHost("eai") === undefined) {
      socket.destroy();
      return;
    }
    const decoder = new FrameDecoder();
    socket.on("data", (chunk) => {
      for (const received of decoder.push(chunk)) {
        const message = Message.read(received.kind === "payload" ? received.payload : Buffer.alloc(0));
        const verdict = message.type === "ZZZ^Z99" ? "AE" : code;
        socket.write(frame(writeAcknowledgment(answerer, message, verdict as "AA")));
      }
    });
  });

interface Document {
  verdict: string;
  peer: string;
  peerName: string;
  legs: { to: { code: string; sentence: string } };
  identities: { role: string; subject: string }[];
  findings: { id: string; status: string; detail: string; hint?: string }[];
}
const documentOf = (stdout: string) => JSON.parse(stdout) as Document;
const withStatus = ({ findings }: Document, status: string) =>
  findings.filter((one) => one.status === status).map(({ id }) => id);

describe("an endpoint is judged from elsewhere", () => {
  test("and passes, exit 0, with one document", async () => {
    await using peer = await rightPeer();
    const { code, stdout, stderr } = await check("--connect", at(peer), ...shown, "--exchange", "--json");
    const found = documentOf(stdout);
    expect([withStatus(found, "fail"), code, stderr]).toEqual([[], 0, ""]);
    expect(found).toMatchObject({ version: 1, site: null, peer: at(peer), peerName: "dpi", verdict: "pass" });
    expect(found.legs).toEqual({
      to: { code: "works", sentence: `the tunnel to ${at(peer)} stands, up to the application` },
    });
    expect(found.identities.map(({ role }) => role)).toEqual(["own", "peer", "authority"]);
    expect(withStatus(found, "pass")).toEqual(
      expect.arrayContaining([
        "mutual.accepted.to",
        "mutual.expired.to",
        "mutual.sibling.to",
        "exchange.acknowledged",
        "exchange.negative",
      ]),
    );
    // the plain ports of the peer were not named
    expect(withStatus(found, "skip")).toEqual(["protocol.plain-ports.to"]);
    for (const secret of ["PRIVATE KEY", "DOMPREMY", "PAT-TROIS"]) expect(stdout).not.toContain(secret);
  });

  test("and fails, exit 1, where it takes whoever comes", async () => {
    await using peer = await serveTls({ minVersion: "TLSv1.3" });
    const { code, stdout } = await check("--connect", at(peer), ...shown, "--json", "--lang", "fr");
    const found = documentOf(stdout);
    expect([code, found.verdict, found.legs.to.code]).toEqual([1, "fail", "works"]);
    expect(withStatus(found, "fail").filter((id) => id.startsWith("mutual."))).toEqual(
      ["no-certificate", "untrusted-root", "expired", "sibling"].map((name) => `mutual.${name}.to`),
    );
    expect(found.legs.to.sentence).toContain("tient, jusqu'à l'application");
  });

  test("and fails where it is ourselves, though everything else would pass", async () => {
    await using ourselves = await serveTls({ cert: eai.certificate, key: eai.key });
    const withName = shown.map((one) => (one === "dpi" ? "eai" : one));
    const { code, stdout } = await check("--connect", at(ourselves), ...withName, "--exchange", "--json");
    const found = documentOf(stdout);
    expect([code, found.legs.to.code]).toEqual([1, "peer-is-ourselves"]);
    expect(found.findings.find(({ id }) => id === "handshake.peer-other")).toMatchObject({
      status: "fail",
      detail: "it shows the key of our own certificate, eai",
      hint: expect.stringContaining("PEER"),
    });
    // nobody is given a message of ours to process, we least of all
    expect(withStatus(found, "skip")).toContain("exchange.acknowledged");
  });

  test("and nothing is said of ourselves where we show nobody", async () => {
    await using peer = await rightPeer();
    const { stdout } = await check("--connect", at(peer), "--name", "dpi", "--json");
    expect(withStatus(documentOf(stdout), "skip")).toContain("handshake.peer-other");
  });

  test("and fails where the message is refused, and nobody has to be asked twice", async () => {
    await using peer = await rightPeer("AR");
    const { code, stdout } = await check("--connect", at(peer), ...shown, "--exchange", "--json");
    const found = documentOf(stdout);
    expect([code, found.legs.to.code]).toEqual([1, "application-negative"]);
    expect(withStatus(found, "fail")).toContain("exchange.acknowledged");
  });

  test("and one that is not there fails in one place, the rest is skipped", async () => {
    const peer = await serve(isSilent);
    await peer[Symbol.asyncDispose]();
    const { code, stdout } = await check("--connect", at(peer), ...shown, "--exchange", "--json");
    const found = documentOf(stdout);
    expect([code, found.legs.to.code]).toEqual([1, "port-closed"]);
    expect(withStatus(found, "fail")).toEqual(["handshake.reached", "exchange.tunnel"]);
    expect(withStatus(found, "pass")).toEqual([]);
  });

  test("in a table for a person, and as a page or JUnit for a file", async () => {
    const peer = await serve(isSilent);
    await peer[Symbol.asyncDispose]();
    expect((await check("--connect", at(peer))).stdout).toContain("nothing listens on port");
    expect((await check("--connect", at(peer), "--html")).stdout).toMatch(/^<!doctype html>/i);
    expect((await check("--connect", at(peer), "--junit")).stdout).toMatch(/^<\?xml/);
  });
});

describe("wrong usage", () => {
  const place = ["--connect", "127.0.0.1:1"];
  test.each<[string, string[], RegExp]>([
    ["a name without a place", ["--name", "dpi"], /--name does not fit here/],
    ["a plain port without a place", ["--plain-port", "1"], /--plain-port does not fit here/],
    ["a place and a stunnel.conf", [...place, "--conf", "x"], /--conf does not fit here/],
    ["a message that is not sent", [...place, "--message", "x"], /--message without --exchange/],
    ["two forms", [...place, "--json", "--html"], /'--json' cannot be used with option '--html'/],
    ["no port", ["--connect", "dpi"], /it takes a place/],
    ["a port that is none", ["--connect", "dpi:65536"], /it takes a place/],
    ["no such language", [...place, "--lang", "de"], /Allowed choices are en, fr/],
    ["a key without a certificate", [...place, "--key", files.key], /--key without --cert/],
    [
      "a key of another certificate",
      [...place, "--cert", files.cert, "--key", files.other],
      /no key at hand is that of/,
    ],
    ["an expired certificate without a key", [...place, "--expired", files.old], /no key at hand is that of/],
  ])("is %s: exit 2, and nothing is judged", async (_what, parameters, words) => {
    const { code, stdout, stderr } = await check(...parameters);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(words);
    expect(stderr).toMatch(/^hint: ./m);
  });
});

test.each<[string, string[], RegExp]>([
  ["a certificate", ["--cert", "/nowhere.crt"], /cannot read --cert from \/nowhere\.crt/],
  ["an authority", ["--ca", "/nowhere.crt"], /cannot read --ca from/],
  ["a message", ["--exchange", "--message", "/nowhere.hl7"], /cannot read \/nowhere\.hl7/],
  ["a message that can be framed", ["--exchange", "--message", files.broken], /it holds 0x0B/],
])("%s that is missing is told before anything is asked", async (_what, parameters, words) => {
  await using peer = await serve(isSilent);
  const { code, stdout, stderr } = await check("--connect", at(peer), ...parameters);
  expect([code, stdout, peer.taken()]).toEqual([1, "", 0]);
  expect(stderr).toMatch(words);
});
