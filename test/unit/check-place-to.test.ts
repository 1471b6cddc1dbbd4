import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { fail, type PlaceCode } from "../../src/check/finding.ts";
import { type Evidence, placeTo } from "../../src/check/place/place-to.ts";
import type { HeldOpen } from "../../src/check/probe/hold-open.ts";
import type { Link } from "../../src/check/probe/link.ts";
import type { ProbeEnd, Seen } from "../../src/check/probe/probe.ts";
import { same } from "../../src/languages.ts";
import { dpi, reached, targetOf } from "./tls-kit.ts";

const target = targetOf({ endpoint: { host: "192.0.2.7", port: 32_100 } });
const addresses = ["192.0.2.7"];

/** What a probe saw; of a port that chose a suite also its certificate. */
const seen = (end: ProbeEnd, words = "", hasChosen = true): Seen => {
  const chosen = {
    version: "TLSv1.3",
    suite: "TLS_AES_128_GCM_SHA256",
    certificate: new X509Certificate(dpi.certificate),
  };
  return { end, words, handshakeMs: hasChosen ? 1 : 0, ...(hasChosen && chosen) };
};
const linked = (baseline: Seen, more: Partial<Link> = {}): Partial<Evidence> => ({
  link: { target, reached, baseline, ...more },
});
const notReached = (state: Exclude<Link["reached"], { state: "open" }>): Partial<Evidence> => ({
  link: { target, reached: state },
});
const held = (end: HeldOpen["end"], ...lines: string[]): Partial<Evidence> => ({ held: { end, lines } });
const open = linked(seen("open"));
const doubted = [fail("handshake.peer-name", same("it bears x"), same("is that the right peer?"))];

const placed = (...evidence: Partial<Evidence>[]) =>
  placeTo(Object.assign({ near: "127.0.0.1:21010", handshake: [] }, ...evidence) as Evidence);

const alert = (words: string) => `SSL_connect: ssl/record/rec_layer_s3.c:916: error:0A000418:SSL routines::${words}`;
const dates = String.raw`\d{4}-\d\d-\d\d`;

type Row = [string, PlaceCode, RegExp, RegExp, Partial<Evidence>[]];

describe.each<Row>([
  [
    "ours does not listen",
    "near-stunnel-down",
    /does not listen on 127\.0\.0\.1:21010/,
    /n'écoute pas sur 127/,
    [open, held("refused")],
  ],
  [
    "the name is unknown",
    "name-not-resolved",
    /192\.0\.2\.7 does not resolve \(ENOTFOUND\)/,
    /n'est pas résolu \(ENOTFOUND\)/,
    [notReached({ state: "name-not-resolved", reason: "ENOTFOUND" }), held("reset")],
  ],
  [
    "nobody listens there",
    "port-closed",
    /nothing listens on port 32100/,
    /rien n'écoute sur le port 32100/,
    [notReached({ state: "port-closed", addresses, reason: "ECONNREFUSED" })],
  ],
  [
    "a firewall stands before it",
    "packets-dropped",
    /no answer at all from 192\.0\.2\.7:32100 .*within 3000 ms/,
    /aucune réponse de 192\.0\.2\.7:32100/,
    [notReached({ state: "packets-dropped", addresses, reason: "no answer within 3000 ms" }), held("open")],
  ],
  [
    "it answers in plain text",
    "peer-not-tls",
    /does not speak TLS/,
    /ne parle pas TLS/,
    [linked(seen("not-tls", "", false))],
  ],
  [
    "it waits for plain text",
    "peer-not-tls",
    /does not speak TLS/,
    /ne parle pas TLS/,
    [linked(seen("silent", "", false), { lives: true })],
  ],
  [
    "it hangs",
    "peer-silent",
    /says a word/,
    /ne dit mot/,
    [linked(seen("silent", "", false), { lives: false }), held("open")],
  ],
  [
    "it cuts early",
    "unclear",
    /ends them before its first byte of TLS/,
    /avant son premier octet de TLS/,
    [linked(seen("closed", "", false))],
  ],
  [
    "we cannot offer that",
    "unclear",
    /our own TLS library/,
    /notre propre bibliothèque/,
    [linked(seen("not-offered", "X", false))],
  ],
  [
    "no version is common",
    "no-common-protocol",
    /before it looked at a certificate: no TLS version/,
    /avant de regarder un certificat : aucune version/,
    [linked(seen("alert", "tlsv1 alert protocol version", false))],
  ],
  [
    "no version is common, by our own Stunnel",
    "no-common-protocol",
    /versions of TLS that are refused here/,
    /versions de TLS refusées ici/,
    [open, held("reset", "SSL_connect: error:0A000102:SSL routines::unsupported protocol")],
  ],
  [
    "it does not know our authority",
    "peer-refused-us",
    new RegExp(
      `refused us with "tlsv1 alert unknown ca": our certificate CN=eai.*, valid ${dates} to ${dates}: .*does not believe`,
    ),
    new RegExp(`nous a refusés avec « tlsv1 alert unknown ca » : notre certificat CN=eai.*, valable du ${dates} au`),
    [linked(seen("alert", "tlsv1 alert unknown ca"))],
  ],
  [
    "it refuses late",
    "peer-refused-us",
    /refused us with "tlsv1 alert unknown ca"/,
    /nous a refusés avec « tlsv1 alert unknown ca »/,
    [open, { heldDirectly: seen("alert", "tlsv1 alert unknown ca") }],
  ],
  [
    "it refuses with words that nobody knows",
    "peer-refused-us",
    /refused us with "tlsv1 alert access denied"/,
    /nous a refusés avec « tlsv1 alert access denied »/,
    [linked(seen("alert", "tlsv1 alert access denied"))],
  ],
  [
    "it refuses our Stunnel, and not us",
    "peer-refused-us",
    /refused us with "ssl\/tls alert internal error.*another name than ours: eai/,
    /un autre nom que les nôtres : eai/,
    [open, held("reset", "TLS connected: new session negotiated", alert("ssl/tls alert internal error"))],
  ],
  [
    "it refuses without a word",
    "peer-refused-us",
    /within the handshake, after it has seen our certificate/,
    /après avoir vu notre certificat/,
    [linked(seen("closed"), { older: "refused" })],
  ],
  [
    "we show nothing, and it wants a certificate",
    "peer-refused-us",
    /wants a certificate, and we showed none/,
    /veut un certificat, et nous n'en avons montré aucun/,
    [linked(seen("alert", "tlsv13 alert certificate required"), { target: { ...target, identity: undefined } })],
  ],
  [
    "we show ours, and it wants perhaps one",
    "peer-refused-us",
    /refused us with "ssl\/tls alert handshake failure"/,
    /nous a refusés avec « ssl\/tls alert handshake failure »/,
    [linked(seen("alert", "ssl/tls alert handshake failure"))],
  ],
  [
    "our Stunnel refuses it",
    "we-refused-peer",
    new RegExp(`our Stunnel refused the peer, CN=dpi \\(dpi\\), ${dates} - ${dates}: .*another name`),
    new RegExp(`notre Stunnel a refusé le pair, CN=dpi \\(dpi\\), ${dates} - ${dates} : .*un autre nom`),
    [open, held("reset", "CERT: Subject checks failed", "Rejected by CERT at depth=0: CN=dpi")],
  ],
  [
    "we have no Stunnel, and do not believe it",
    "we-refused-peer",
    new RegExp(`CN=dpi \\(dpi\\), ${dates} - ${dates}.*handshake.peer-name.*it bears x`),
    new RegExp(`CN=dpi \\(dpi\\), ${dates} - ${dates}.*handshake.peer-name.*it bears x`),
    [open, { handshake: doubted }],
  ],
  [
    "its application is down",
    "application-down",
    /stands, but the application/,
    /tient, mais l'application/,
    [open, held("end")],
  ],
  [
    "its application is down, as it was to us",
    "application-down",
    /stands, but the application/,
    /tient, mais l'application/,
    [linked(seen("closed"), { older: "taken" }), held("reset")],
  ],
  [
    "its application is down after a while",
    "application-down",
    /stands, but the application/,
    /tient, mais l'application/,
    [open, { heldDirectly: seen("closed") }],
  ],
  [
    "ours cuts what it would take",
    "unclear",
    /our own Stunnel resets/,
    /notre propre Stunnel coupe/,
    [open, held("reset")],
  ],
  [
    "it cuts, and speaks TLS 1.3 alone",
    "unclear",
    /does not say why: it refuses our certificate or name, or its application is down/,
    /sans dire pourquoi : il refuse/,
    [linked(seen("closed"), { older: "unknown" })],
  ],
  ["all is well", "works", /stands, up to the application/, /tient, jusqu'à l'application/, [open, held("open")]],
  [
    "all is well through our Stunnel, whatever was shown to us",
    "works",
    /stands, up to the application/,
    /tient, jusqu'à l'application/,
    [linked(seen("alert", "tlsv1 alert unknown ca")), held("open"), { handshake: doubted }],
  ],
  ["all is well from elsewhere", "works", /stands, up to/, /tient, jusqu'à/, [open, { heldDirectly: seen("open") }]],
  ...(["application-silent", "application-negative"] as const).map(
    (fault): Row => [
      `the exchange says ${fault}`,
      fault,
      /stands, and the application behind it .*: AE 207$/,
      /tient, et l'application derrière lui .* : AE 207$/,
      [open, held("open"), { exchange: { fault, detail: same("AE 207") } }],
    ],
  ),
])("where %s the leg stops at", (_what, code, en, fr, evidence) => {
  test(code, () => {
    const { sentence, hint, ...place } = placed(...evidence);
    expect(place.code).toBe(code);
    expect(sentence.en).toMatch(en);
    expect(sentence.fr).toMatch(fr);
    // one next action, unless nothing is to be done
    expect(hint === undefined ? [] : [hint.en, hint.fr].filter((text) => text.length > 10)).toHaveLength(
      code === "works" ? 0 : 2,
    );
  });
});

test("what hides behind another place is not named: the nearest comes first", () => {
  const exchange = { exchange: { fault: "application-silent" as const, detail: same("") } };
  expect(placed(linked(seen("alert", "tlsv1 alert unknown ca")), held("reset"), exchange).code).toBe("peer-refused-us");
  expect(placed(open, held("end"), { handshake: doubted }).code).toBe("application-down");
});
