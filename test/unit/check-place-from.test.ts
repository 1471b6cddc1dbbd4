import { describe, expect, test } from "vitest";
import type { PlaceCode } from "../../src/check/finding.ts";
import { type FromEvidence, judgeFrom, placeFrom } from "../../src/check/place/place-from.ts";
import { targetOf } from "./tls-kit.ts";
import {
  ACCEPTED,
  ASKS,
  alert,
  connectionsIn,
  EXPIRED,
  from,
  good,
  KNOCK,
  logged,
  NO_CERTIFICATE,
  PEER,
  PROBE,
  RESET,
  THROUGH,
} from "./tunnel-lines.ts";

const { chain, authorities } = targetOf({ endpoint: { host: "192.0.2.7", port: 1 } });
async function placed(lines: string[], more: Partial<FromEvidence> = {}) {
  const evidence = {
    service: "mdm_from_eai",
    chain,
    authorities,
    ownAddresses: ["192.0.2.1"],
    listener: "127.0.0.1:21010",
  };
  return placeFrom({ ...evidence, connections: await connectionsIn(lines), ...more });
}

const when = "2026-11-21 10:41:06 UTC";
const quand = "2026-11-21 à 10:41:06 UTC";

describe.each<[string, PlaceCode, string, RegExp, RegExp, string[], Partial<FromEvidence>?]>([
  [
    "the last connection came through",
    "works",
    "pass",
    new RegExp(`came through: CN=eai, O=mllp-safetunnel sandbox, from ${PEER} at ${when}`),
    new RegExp(`est passée : CN=eai, O=mllp-safetunnel sandbox, de ${PEER} le ${quand}`),
    [...logged(0, from(PEER), ...EXPIRED), ...good],
  ],
  ["it came through and stands", "works", "pass", /and stands/, /et tient/, logged(1, from(PEER), ...THROUGH)],
  [
    "it came through, and we verify nothing",
    "works",
    "pass",
    /no certificate/,
    /certificat/,
    logged(1, from(PEER), "TLS accepted: new session negotiated", "s_connect: connected 127.0.0.1:21010"),
  ],
  [
    "we refused the last one",
    "we-refused-peer",
    "fail",
    new RegExp(`refused ${PEER} at ${when} \\(CN=eai, O=.*\\): the peer's certificate has expired`),
    new RegExp(`avons refusé ${PEER} le ${quand} \\(CN=eai, O=.*\\) : le certificat du pair a expiré`),
    [...good, ...logged(2, from(PEER), ...EXPIRED)],
  ],
  [
    "it showed no certificate",
    "we-refused-peer",
    "fail",
    /\(no certificate\): the peer showed no certificate/,
    / : le pair n'a présenté aucun certificat/,
    logged(2, from(PEER), ...NO_CERTIFICATE),
  ],
  [
    "it refused what we show",
    "peer-refused-us",
    "fail",
    /refused us at .* with "ssl\/tls alert certificate expired": our certificate CN=eai.*CRL of the peer has expired/,
    /nous a refusés le .* « ssl\/tls alert certificate expired » : notre certificat CN=eai.*la CRL du pair/,
    [...good, ...logged(2, from(PEER), ...alert("ssl/tls alert certificate expired"))],
  ],
  [
    "our listener does not take it",
    "application-down",
    "fail",
    /listener behind it, on 127\.0\.0\.1:21010, does not/,
    /écouteur derrière lui, sur 127\.0\.0\.1:21010/,
    logged(1, from(PEER), ...ACCEPTED, "s_connect: connect 127.0.0.1:21010: Connection refused (111)", RESET),
  ],
  [
    "our listener hangs",
    "application-down",
    "fail",
    /listener/,
    /écouteur/,
    logged(1, from(PEER), ...ACCEPTED, "s_connect: s_poll_wait 127.0.0.1:21010: TIMEOUTconnect exceeded", RESET),
  ],
  ["our listener is down", "application-down", "fail", /listener/, /écouteur/, good, { down: "listener" }],
  [
    "our Stunnel is down",
    "near-stunnel-down",
    "fail",
    /takes no TLS/,
    /n'accepte pas le TLS/,
    good,
    { down: "stunnel" },
  ],
  ["nobody has come", "nobody-came", "skip", /no connection from the peer since/, /aucune connexion du pair/, []],
  ["nobody can say", "unclear", "skip", /cannot be read/, /illisible/, [], { connections: undefined }],
  ...[
    ["from this machine", logged(2, from("127.0.0.1:48166"), ...EXPIRED)],
    ["from this machine's own address", logged(2, from("192.0.2.1:48166"), ...EXPIRED)],
    ["from ::1", logged(2, from("::1:48166"), ...EXPIRED)],
    ["to another service", logged(2, from(PEER, "mdm_to_dpi"), ...EXPIRED)],
    ["by whoever only knocks", logged(2, from("192.0.2.9:1"), ...KNOCK)],
    ["that is under way", logged(2, from(PEER), ASKS)],
    ["by a scanner that shows none", logged(2, from("192.0.2.9:1"), ...NO_CERTIFICATE)],
    ["that was a probe of its check", logged(2, from(PEER), ...PROBE)],
    ["of its check, without a certificate", logged(2, from(PEER), ...NO_CERTIFICATE)],
    ["that has just shown a certificate", logged(2, from(PEER), ASKS, ...ACCEPTED)],
  ].map(([what, lines]) => {
    const row = [
      `there was one ${what} after it`,
      "works",
      "pass",
      /CN=eai/,
      /CN=eai/,
      [...good, ...(lines as string[])],
    ];
    return row as [string, PlaceCode, string, RegExp, RegExp, string[]];
  }),
])("where %s the leg from the peer", (_what, code, status, en, fr, lines, more) => {
  test(`is ${code}`, async () => {
    const place = await placed(lines, more);
    expect(place.code).toBe(code);
    expect(place.sentence.en).toMatch(en);
    expect(place.sentence.fr).toMatch(fr);
    const finding = judgeFrom(place);
    expect([finding.id, finding.status, finding.detail]).toEqual(["exchange.from", status, place.sentence]);
    expect(finding.hint === undefined).toBe(status === "pass");
  });
});

describe("the leg", () => {
  test("forgets who came before Stunnel read its files anew", async () => {
    const reload = logged("main", "Configuration successful");
    expect((await placed([...logged(1, from(PEER), ...THROUGH), ...reload])).code).toBe("nobody-came");
    expect((await placed([...reload, ...logged(1, from(PEER), ...THROUGH)])).code).toBe("works");
  });
});
