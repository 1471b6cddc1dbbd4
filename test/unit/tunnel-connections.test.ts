import { expect, test } from "vitest";
import type { TunnelConnection } from "../../src/site/tunnel-connections.ts";
import { following, numbered } from "./followed.ts";

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

/** What is told of lines, each as numbered() makes it. */
function followed(lines: string[]): string[] {
  const told: string[] = [];
  const { connections, hear } = following("mdm_from_eai", "adt_from_dpi");
  connections.tell({
    opened: ({ service }) => told.push(`opened ${service}`),
    ended: ({ service, refusal }) => {
      if (refusal) told.push(`refused ${service} ${refusal.cause} ${refusal.refusedBy}`);
      told.push(`ended ${service}`);
    },
    started: (version) => told.push(`started ${version}`),
  });
  hear(...lines);
  return told;
}
const of = numbered;

test("a connection that went well is opened and ended, and refused by nobody", () => {
  const lines = of(3, accepted("mdm_from_eai"), "LOG5: s_connect: connected 127.0.0.1:21010", CLOSED);
  expect(followed(lines)).toEqual(["opened mdm_from_eai", "ended mdm_from_eai"]);
});

test("a refusal is told once a connection, with its reason and not with what is said beside it", () => {
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
  const begun = of("ui", "LOG5: stunnel 5.74 on x86_64-pc-linux-gnu platform");
  const lines = [...of(1, accepted("mdm_to_dpi")), ...begun, ...of(1, ALERT, RESET)];
  expect(followed(lines)).toEqual(["opened mdm_to_dpi", "ended mdm_to_dpi", "started 5.74"]);
});

test("what a peer writes into its certificate opens no connection and ends none", () => {
  const subject =
    "LOG4: Rejected by CERT at depth=0: CN=x, O=Service [mdm_to_dpi] accepted connection from 192.0.2.9:1";
  expect(followed(of(3, accepted("mdm_from_eai"), subject))).toEqual(["opened mdm_from_eai"]);
});

const OURS = "CN=mllp-safetunnel sandbox CA, O=mllp-safetunnel sandbox";
const SERIAL = "472A725C1FC485A27825DED95F8DEB72";
const EAI = `CN=eai, O=mllp-safetunnel sandbox, serialNumber=cert:${SERIAL}`;

/** What is known of the peer of a connection that came in, by the lines that Stunnel wrote of its certificate. */
function peerShown(...lines: string[]): Pick<TunnelConnection, "subject" | "serial"> {
  const { connections, hear } = following("mdm_from_eai");
  let peer: TunnelConnection | undefined;
  connections.tell({ ended: (one) => (peer = one) });
  hear(...of(3, accepted("mdm_from_eai"), ...lines, RESET));
  return { subject: peer?.subject ?? "none", serial: peer?.serial };
}
const believed = (subject: string, issuer = OURS) =>
  peerShown(`LOG6: Certificate accepted at depth=1: ${issuer}`, `LOG5: Certificate accepted at depth=0: ${subject}`);

test.each([
  ["a site's", EAI, OURS],
  ["one of the authority's successor", EAI, OURS.replace("CA,", "CA 2,")],
  ["a probe's", EAI.replace(", O=", ", OU=probe sibling, O="), OURS],
  ["one of a site with a host's name", EAI.replace("CN=eai", "CN=eai.hospital.example"), OURS],
])("the serial of a certificate is known by its subject: %s", (_, subject, issuer) => {
  expect(believed(subject, issuer)).toEqual({ subject, serial: SERIAL });
});

test.each([
  ["an older version's has none", "CN=eai, O=mllp-safetunnel sandbox", OURS],
  [
    "a hospital's has the number of a device",
    "C=FR, O=CHU X, CN=eai, serialNumber=810002345678",
    "C=FR, O=CHU X, CN=AC",
  ],
  [
    "our authority's has a number that is not marked",
    `CN=eai, O=mllp-safetunnel sandbox, serialNumber=${SERIAL}`,
    OURS,
  ],
  ["another authority has copied a subject of ours", EAI, "C=FR, O=CHU X, CN=AC"],
  ["another authority is named nearly as ours", EAI, OURS.replace("CA,", "CA bis,")],
  ["another authority has ours in its name", EAI, `C=FR, CN="${OURS}"`],
  ["it is cut", EAI.slice(0, -1), OURS],
  ["it is longer", `${EAI}0`, OURS],
  ["it is in small letters", EAI.toLowerCase(), OURS],
  ["it is no number", EAI.replace(SERIAL, "472A725C1FC485A27825DED95F8DEB7G"), OURS],
  ["it stands in another part", `CN="eai, O=mllp-safetunnel sandbox, serialNumber=cert:${SERIAL}"`, OURS],
  ["there are two", `${EAI}, serialNumber=cert:${"0".repeat(32)}`, OURS],
])("and not claimed where that may be another number, while the subject stays: %s", (_, subject, issuer) => {
  expect(believed(subject, issuer)).toEqual({ subject, serial: undefined });
});

test("nor of a certificate that was refused, into which anybody may write anything", () => {
  const rejected = `LOG4: Rejected by CERT at depth=0: ${EAI}`;
  const above = `LOG6: Certificate accepted at depth=1: ${OURS}`;
  expect(peerShown("LOG4: CERT: Pre-verification error: certificate revoked", rejected)).toEqual({
    subject: EAI,
    serial: undefined,
  });
  expect(peerShown(above, "LOG4: CERT: Subject checks failed", rejected).serial).toBeUndefined();
  expect(peerShown(`LOG5: Certificate accepted at depth=0: ${EAI}`).serial).toBeUndefined();
});

test("who is behind a socket and who is beyond one are two questions, though both may have one number", () => {
  const { connections, hear } = following("mdm_from_eai");
  const socket = "127.0.0.1:44128";
  hear(
    ...of(1, accepted("mdm_from_eai"), `LOG5: Service [mdm_from_eai] connected remote server from ${socket}`),
    ...of(2, accepted("adt_to_eai", socket), "LOG5: s_connect: connected 192.0.2.8:32200"),
  );
  expect(connections.behind(socket)).toMatchObject({ connection: "1", address: "192.0.2.7:39530", stands: true });
  expect(connections.beyond(socket)).toMatchObject({ connection: "2", address: "192.0.2.8:32200", stands: false });
  expect([connections.behind("127.0.0.1:1"), connections.beyond("127.0.0.1:1")]).toEqual([undefined, undefined]);
});

test("ended connections are remembered for the message that is told late, and not for ever", () => {
  const { connections, hear } = following("mdm_from_eai");
  const place = (number: number) => `127.0.0.1:${20_000 + number}`;
  for (let number = 0; number < 2100; number += 1) hear(...of(number, accepted("adt_to_eai", place(number)), CLOSED));
  expect([connections.beyond(place(2099))?.connection, connections.beyond(place(0))]).toEqual(["2099", undefined]);
});
