import { describe, expect, test } from "vitest";
import type { PlaceCode } from "../../src/check/finding.ts";
import { type FromEvidence, judgeFrom, placeFrom } from "../../src/check/place/place-from.ts";
import { linesOf, loggedConnections } from "../../src/check/probe/tunnel-log.ts";
import { Scratch } from "./scratch.ts";
import { targetOf } from "./tls-kit.ts";

const { chain, authorities } = targetOf({ endpoint: { host: "192.0.2.7", port: 1 } });
const time = "2026-11-21T10:41:06.682Z";

/** Lines as a site writes them of what its Stunnel says, of one connection each. */
const logged = (connection: number | string, ...messages: string[]) =>
  messages.map((msg) =>
    JSON.stringify({ level: 20, time, part: "stunnel", event: "stunnel", connection: `${connection}`, msg }),
  );
const from = (place: string, service = "mdm_from_eai") => `Service [${service}] accepted connection from ${place}`;

const ASKS = "Peer certificate required";
const ACCEPTED = [
  "Certificate accepted at depth=1: CN=mllp-safetunnel sandbox CA, O=mllp-safetunnel sandbox",
  'CERT: Host name "eai" matched with "eai"',
  "Certificate accepted at depth=0: CN=eai, O=mllp-safetunnel sandbox",
  "TLS accepted: new session negotiated",
  "s_connect: connecting 127.0.0.1:21010",
];
const THROUGH = [ASKS, ...ACCEPTED, "s_connect: connected 127.0.0.1:21010"];
const CLOSED = "Connection closed: 516 byte(s) sent to TLS, 27121 byte(s) sent to socket";
const RESET = "Connection reset/closed: 0 byte(s) sent to TLS, 0 byte(s) sent to socket";
const VERIFY_FAILED =
  "SSL_accept: ssl/statem/statem_srvr.c:3777: error:0A000086:SSL routines::certificate verify failed";
const EXPIRED = [
  ASKS,
  "CERT: Pre-verification error: certificate has expired",
  "Rejected by CERT at depth=0: CN=eai, OU=probe expired, O=mllp-safetunnel sandbox",
  VERIFY_FAILED,
  RESET,
];
const NO_CERTIFICATE = [ASKS, "SSL_accept: error:0A0000C7:SSL routines::peer did not return a certificate", RESET];
const KNOCK = [ASKS, "SSL_accept: error:0A000126:SSL routines::unexpected eof while reading", RESET];
const alert = (words: string) => [ASKS, `SSL_accept: error:0A000415:SSL routines::${words}`, RESET];

async function connectionsIn(lines: string[]) {
  using scratch = new Scratch();
  return await loggedConnections(scratch.write("stunnel.log", `${lines.join("\n")}\n`));
}

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

const PEER = "192.0.2.7:39530";
const good = logged(1, from(PEER), ...THROUGH, CLOSED);
const when = "2026-11-21 10:41:06 UTC";

describe.each<[string, PlaceCode, string, RegExp, RegExp, string[], Partial<FromEvidence>?]>([
  [
    "the last connection came through",
    "works",
    "pass",
    new RegExp(`came through: CN=eai, O=mllp-safetunnel sandbox, from ${PEER} at ${when}`),
    new RegExp(`est passée : CN=eai, O=mllp-safetunnel sandbox, de ${PEER} à ${when}`),
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
    new RegExp(`refused ${PEER} at ${when} \\(CN=eai, OU=probe expired.*\\): the peer's certificate has expired`),
    new RegExp(`avons refusé ${PEER} à ${when} \\(CN=eai, OU=probe expired.*\\) : le certificat du pair a expiré`),
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
    /nous a refusés à .* « ssl\/tls alert certificate expired » : notre certificat CN=eai.*la CRL du pair/,
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
    /ne prend pas le TLS/,
    good,
    { down: "stunnel" },
  ],
  ["nobody has come", "nobody-came", "skip", /no connection from the peer since/, /aucune connexion du pair/, []],
  ["nobody can say", "nobody-came", "skip", /cannot be read/, /illisible/, [], { connections: undefined }],
  ...[
    ["from this machine", logged(2, from("127.0.0.1:48166"), ...EXPIRED)],
    ["from this machine's own address", logged(2, from("192.0.2.1:48166"), ...EXPIRED)],
    ["from ::1", logged(2, from("::1:48166"), ...EXPIRED)],
    ["to another service", logged(2, from(PEER, "mdm_to_dpi"), ...EXPIRED)],
    ["by whoever only knocks", logged(2, from("192.0.2.9:1"), ...KNOCK)],
    ["that is under way", logged(2, from(PEER), ASKS)],
    ["by a scanner that shows none", logged(2, from("192.0.2.9:1"), ...NO_CERTIFICATE)],
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

describe("the log of a tunnel", () => {
  test("is read from a line that is cut, and over lines that are none", async () => {
    const cut = good[0]?.slice(40) ?? "";
    const odd = [
      "null",
      "5",
      '{"connection":"1"}',
      JSON.stringify({ connection: 1, msg: 5, time: "never" }),
      JSON.stringify({ connection: 9, msg: from(PEER), time: "never" }),
    ];
    expect(await connectionsIn([cut, ...good.slice(1), ...odd])).toEqual([]);
    const [only, ...others] = (await connectionsIn([cut, ...odd, ...good])) ?? [];
    expect([only?.lines.length, others]).toEqual([THROUGH.length + 1, []]);
  });

  test("has only its end read, where it is long", async () => {
    using scratch = new Scratch();
    const log = scratch.write("stunnel.log", `${[...good, ...logged(2, from("192.0.2.8:1"), ...KNOCK)].join("\n")}\n`);
    expect((await loggedConnections(log, 700))?.map(({ from }) => from)).toEqual(["192.0.2.8:1"]);
  });

  test("counts anew after a restart: a number is the connection that had it last", async () => {
    const found = await connectionsIn([
      ...good,
      ...logged("main", "stunnel 5.74"),
      ...logged(1, from("192.0.2.8:1"), ...EXPIRED),
    ]);
    expect(found?.map(({ from, lines }) => [from, lines.at(-1)])).toEqual([
      [PEER, CLOSED],
      ["192.0.2.8:1", RESET],
    ]);
  });

  test("mixes no connections that are open beside each other", async () => {
    const lines = [logged(1, from(PEER)), logged(2, from("192.0.2.8:1")), logged(1, CLOSED), logged(2, RESET)];
    expect((await connectionsIn(lines.flat()))?.map((one) => one.lines)).toEqual([[CLOSED], [RESET]]);
  });

  test("that is not there is no log without connections", async () => {
    expect(await loggedConnections("/nowhere/stunnel.log")).toBeUndefined();
    expect(await connectionsIn([])).toEqual([]);
  });

  test("forgets who came before Stunnel read its files anew", async () => {
    const reload = logged("main", "Configuration successful");
    expect((await placed([...logged(1, from(PEER), ...EXPIRED), ...reload])).code).toBe("nobody-came");
    expect(
      (await placed([...logged(1, from(PEER), ...EXPIRED), ...reload, ...logged(2, from(PEER), ...THROUGH)])).code,
    ).toBe("works");
  });

  test("forgets who was connected when Stunnel was started anew: nobody ended that, and it stands no more", async () => {
    const start = logged("ui", "stunnel 5.74 on x86_64-pc-linux-gnu platform", "Configuration successful");
    expect((await placed([...logged(1, from(PEER), ...THROUGH), ...start])).code).toBe("nobody-came");
    const reload = logged("main", "Configuration successful");
    expect((await placed([...logged(1, from(PEER), ...THROUGH), ...reload])).code).toBe("works");
  });

  const lines = [
    ...logged(1, from("127.0.0.1:40000", "mdm"), "an old one", RESET),
    ...logged(2, from("127.0.0.1:40001", "mdm"), "ours", RESET),
    ...logged(3, from("127.0.0.1:40001", "adt"), "of another service", RESET),
  ];
  test.each<[string, number | undefined, string, string[]]>([
    ["by its port and service", 40_001, time, ["ours", RESET]],
    ["as the last one, where it has no port any more", undefined, time, ["ours", RESET]],
    ["not by the port of one before it", 40_000, "2026-11-21T10:41:06.683Z", []],
    ["not at all where it is not there", 40_002, time, []],
  ])("has our own connection: %s", async (_what, localPort, since, expected) => {
    using scratch = new Scratch();
    const log = scratch.write("stunnel.log", `${lines.join("\n")}\n`);
    expect(await linesOf(log, { service: "mdm", since: new Date(since), localPort }, 0)).toEqual(expected);
  });

  test("is waited for until it says how our connection ended", async () => {
    using scratch = new Scratch();
    const begun = logged(2, from("127.0.0.1:40001", "mdm"), "ours");
    const log = scratch.write("stunnel.log", `${begun.join("\n")}\n`);
    const waiting = linesOf(log, { service: "mdm", since: new Date(time), localPort: 40_001 }, 5000);
    scratch.write("stunnel.log", `${[...begun, ...logged(2, RESET)].join("\n")}\n`);
    expect(await waiting).toEqual(["ours", RESET]);
  });
});
