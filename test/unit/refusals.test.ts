import { expect, test } from "vitest";
import { OwnProbes, parseTunnelLine } from "../../src/site/tunnel-line.ts";
import { knownRefusals, TunnelFollower } from "../../src/watch/refusals.ts";

const accepted = (service: string, from = "192.0.2.7:39530") =>
  `LOG5: Service [${service}] accepted connection from ${from}`;
const EXPIRED = [
  "LOG4: CERT: Pre-verification error: certificate has expired",
  "LOG4: Rejected by CERT at depth=0: CN=eai, O=mllp-safetunnel sandbox",
  "LOG3: SSL_accept: ssl/statem/statem_srvr.c:3777: error:0A000086:SSL routines::certificate verify failed",
];
const ALERT =
  "LOG3: SSL_read: ssl/record/rec_layer_s3.c:918: error:0A000414:SSL routines::ssl/tls alert certificate revoked";
const RESET = "LOG5: Connection reset/closed: 0 byte(s) sent to TLS, 0 byte(s) sent to socket";
const CLOSED = "LOG5: Connection closed: 516 byte(s) sent to TLS, 27121 byte(s) sent to socket";

/** What is told of lines, each under the number of its connection; `LOG5:` becomes a line of Stunnel's. */
function followed(lines: [number | "ui", string][]): string[] {
  const told: string[] = [];
  const follower = new TunnelFollower({
    opened: (service) => told.push(`opened ${service}`),
    ended: (service) => told.push(`ended ${service}`),
    refused: (service, cause, refusedBy) => told.push(`refused ${service} ${cause} ${refusedBy}`),
    started: (version) => told.push(`started ${version}`),
  });
  const probes = new OwnProbes(["mdm_from_eai"]);
  for (const [connection, line] of lines) {
    const text = line.replace(/^LOG(\d): /, `2026.01.15 09:30:00 LOG$1[${connection}]: `);
    follower.tunnelLine(probes.quiet(parseTunnelLine(text)));
  }
  return told;
}
const of = (connection: number, ...lines: string[]) => lines.map((line): [number, string] => [connection, line]);

test("a connection that went well is opened and ended, and refused by nobody", () => {
  const lines = of(3, accepted("mdm_from_eai"), "LOG5: s_connect: connected 127.0.0.1:21010", CLOSED);
  expect(followed(lines)).toEqual(["opened mdm_from_eai", "ended mdm_from_eai"]);
});

test("a refusal counts once a connection, with its reason and not with what is said beside it", () => {
  expect(followed(of(3, accepted("mdm_from_eai"), ...EXPIRED, RESET))).toEqual([
    "opened mdm_from_eai",
    "refused mdm_from_eai expired here",
    "ended mdm_from_eai",
  ]);
  expect(followed(of(3, accepted("mdm_from_eai"), ...EXPIRED.slice(1), EXPIRED[0] as string, RESET))).toContain(
    "refused mdm_from_eai expired here",
  );
});

test("of two reasons on one connection the first counts", () => {
  const lines = of(3, accepted("mdm_from_eai"), EXPIRED[0] as string, ALERT, RESET);
  expect(followed(lines).filter((line) => line.startsWith("refused"))).toEqual(["refused mdm_from_eai expired here"]);
});

test("one whose reason no line has is told at its end, as what it is", () => {
  expect(followed(of(3, accepted("mdm_from_eai"), ...EXPIRED.slice(1), RESET))).toEqual([
    "opened mdm_from_eai",
    "refused mdm_from_eai certificate-refused here",
    "ended mdm_from_eai",
  ]);
});

test("the alert of the far side says that it refused us, under the service that sends", () => {
  const lines = of(
    9,
    accepted("mdm_to_dpi", "127.0.0.1:5"),
    "LOG6: TLS connected: new session negotiated",
    ALERT,
    RESET,
  );
  expect(followed(lines)).toContain("refused mdm_to_dpi revoked far");
});

test("two that go on at once are told apart by their numbers", () => {
  const [first, second] = [
    of(1, accepted("mdm_to_dpi"), ALERT, RESET),
    of(2, accepted("adt_from_dpi"), ...EXPIRED, RESET),
  ];
  const mixed = second.flatMap((line, index) => [line, ...(first[index] ? [first[index]] : [])]);
  expect(
    followed(mixed)
      .filter((line) => line.startsWith("refused"))
      .sort(),
  ).toEqual(["refused adt_from_dpi expired here", "refused mdm_to_dpi revoked far"]);
});

test("a probe of the site itself is refused by nobody, and what is cut or knocks is no refusal", () => {
  const knock = "LOG3: SSL_accept: error:0A000126:SSL routines::unexpected eof while reading";
  expect(followed(of(4, accepted("mdm_from_eai", "127.0.0.1:999"), ...EXPIRED, RESET)).join()).not.toContain("refused");
  expect(followed(of(5, accepted("mdm_from_eai"), knock, RESET)).join()).not.toContain("refused");
});

test("a Stunnel that begins has no connection of the one before it, whose numbers come again", () => {
  const begun: [number | "ui", string] = ["ui", "LOG5: stunnel 5.74 on x86_64-pc-linux-gnu platform"];
  const lines = [...of(1, accepted("mdm_to_dpi")), begun, ...of(1, ALERT, RESET)];
  expect(followed(lines)).toEqual(["opened mdm_to_dpi", "started 5.74"]);
});

test("what a peer writes into its certificate opens no connection and ends none", () => {
  const subject =
    "LOG4: Rejected by CERT at depth=0: CN=x, O=Service [mdm_to_dpi] accepted connection from 192.0.2.9:1";
  expect(followed(of(3, accepted("mdm_from_eai"), subject))).toEqual(["opened mdm_from_eai"]);
});

test("every refusal of the dictionary is known beforehand, each once", () => {
  const known = knownRefusals();
  expect(known).toContainEqual({ cause: "expired", refusedBy: "here" });
  expect(known).toContainEqual({ cause: "revoked", refusedBy: "far" });
  expect(new Set(known.map(({ cause, refusedBy }) => `${cause} ${refusedBy}`)).size).toBe(known.length);
});
