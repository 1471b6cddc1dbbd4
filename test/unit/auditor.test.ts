import { expect, test } from "vitest";
import { Auditor } from "../../src/audit/auditor.ts";
import { type AuditEvent, NO_RECORD, recordOf } from "../../src/audit/record.ts";
import { following } from "./followed.ts";

const SERIAL = "472A725C1FC485A27825DED95F8DEB72";
const SUBJECT = `CN=eai, O=mllp-safetunnel sandbox, serialNumber=cert:${SERIAL}`;

/** What Stunnel 5.74 logs of a connection that comes in, as far as its listener; taken from a real log. */
const INCOMING = [
  "LOG5[7]: Service [mdm_from_eai] accepted connection from peer.example:57302",
  "LOG6[7]: Peer certificate required",
  "LOG6[7]: Certificate accepted at depth=1: CN=mllp-safetunnel sandbox CA, O=mllp-safetunnel sandbox",
  'LOG6[7]: CERT: Host name "eai" matched with "eai"',
  `LOG5[7]: Certificate accepted at depth=0: ${SUBJECT}`,
  "LOG6[7]: TLS accepted: new session negotiated",
  "LOG5[7]: s_connect: connected 127.0.0.1:21010",
  "LOG5[7]: Service [mdm_from_eai] connected remote server from 127.0.0.1:44128",
];
const CLOSED = "LOG5[7]: Connection closed: 137 byte(s) sent to TLS, 9043 byte(s) sent to socket";
const WHO = { connection: "7", address: "peer.example:57302", subject: SUBJECT, serial: SERIAL };

/** The auditor of DPI, with what it wrote. */
function auditing() {
  const events: AuditEvent[] = [];
  const { connections, hear } = following("mdm_from_eai");
  const auditor = new Auditor({ append: (event) => void events.push(event) }, connections, DPI);
  const records = () => events.map((event) => JSON.parse(recordOf(event, "dpi", NO_RECORD).line));
  return { auditor, connections, hear, records };
}

const DPI = {
  ...{ name: "dpi", title: "DPI", application: "DPI", facility: "CHU_X", peer: "eai", takes: [] },
  ...{ sendPort: 1, listenPort: 2, tlsPort: 3 },
};

const message = { type: "MDM^T02", controlId: "A1", traceId: "0".repeat(32) };
const received = { ...message, peer: "127.0.0.1:44128", sizeBytes: 9040, durationMs: 2, journalId: 3, repeat: false };

test("who connected and ended is a record each, with certificate, address and Stunnel's number", () => {
  const { hear, records } = auditing();
  hear(...INCOMING, CLOSED);
  const facts = { eventId: "110108", outcome: 0, leg: "eai-to-dpi", ...WHO };
  expect(records()).toMatchObject([
    { ...facts, event: "Attach" },
    { ...facts, event: "Detach" },
  ]);
});

test("a message is an import by who is behind the socket that it came over, by reference alone", () => {
  const { auditor, hear, records } = auditing();
  hear(...INCOMING);
  auditor.received({ ...received, code: "AA" });
  const { sequence: _, time, previous, hash, ...record } = records()[1];
  expect(record).toEqual({
    ...{ site: "dpi", eventId: "110107", event: "Import", action: "C", outcome: 0, leg: "eai-to-dpi", ...WHO },
    ...{ ...message, sizeBytes: 9040, code: "AA", journalId: 3 },
  });
});

test("the last message of a connection is told after its end, and is its peer's all the same", () => {
  const { auditor, hear, records } = auditing();
  hear(...INCOMING, CLOSED);
  auditor.received({ ...received, code: "AA" });
  expect(records().at(-1)).toMatchObject({ event: "Import", ...WHO });
});

test("a message that came past the tunnel has the address of its application, and nobody's certificate", () => {
  const { auditor, hear, records } = auditing();
  hear(...INCOMING);
  auditor.received({ ...received, peer: "127.0.0.1:5000", code: "AA" });
  expect(records()[1]).toMatchObject({ address: "127.0.0.1:5000" });
  expect(records()[1]).not.toHaveProperty("subject");
});

test.each([
  ["AA", 0],
  ["CA", 0],
  ["AE", 8],
  ["CE", 8],
  ["AR", 4],
  ["CR", 4],
])("%s has the outcome %i, in at the listener and out at the sender", (code, outcome) => {
  const { auditor, records } = auditing();
  auditor.received({ ...received, code });
  auditor.exchanged({ ...message, code, sizeBytes: 9040, durationMs: 2 });
  expect(records()).toMatchObject([
    { event: "Import", code, outcome },
    { event: "Export", code, outcome, leg: "dpi-to-eai" },
  ]);
});

test("a repeat names the entry that it repeats, and what could not be stored has none", () => {
  const { auditor, records } = auditing();
  auditor.received({ ...received, code: "AA", repeat: true });
  auditor.received({ ...received, code: "AR", journalId: undefined });
  expect(records()).toMatchObject([
    { repeatOf: 3, outcome: 0 },
    { code: "AR", outcome: 12 },
  ]);
  for (const record of records()) expect(record).not.toHaveProperty("journalId");
});

test.each([
  ["type", { type: 'A"B', controlId: "A1" }],
  ["control ID", { type: "MDM^T02", controlId: '\\","code":"AA' }],
])("quotes in a %s stay what they are", (_, hostile) => {
  const { auditor, records } = auditing();
  auditor.received({ ...received, ...hostile, code: "AE" });
  auditor.exchanged({ ...hostile, code: "AE", sizeBytes: 1, durationMs: 2 });
  expect(records()).toMatchObject([
    { ...hostile, code: "AE" },
    { ...hostile, code: "AE" },
  ]);
});

test.each<[string, string[], object]>([
  [
    "a revoked one",
    [
      "LOG4[7]: CERT: Pre-verification error: certificate revoked",
      `LOG4[7]: Rejected by CERT at depth=0: ${SUBJECT}`,
      "LOG3[7]: SSL_accept: tls_post_process_client_hello@x.c:1: error:0A000086:SSL routines::certificate verify failed",
    ],
    { cause: "revoked", refusedBy: "here", subject: SUBJECT },
  ],
  [
    "one of another authority",
    [
      "LOG4[7]: CERT: Pre-verification error: self-signed certificate in certificate chain",
      "LOG4[7]: Rejected by CERT at depth=1: CN=Another CA",
      "LOG3[7]: SSL_accept: x.c:1: error:0A000086:SSL routines::certificate verify failed",
    ],
    { cause: "unknown-authority", refusedBy: "here", authority: "CN=Another CA" },
  ],
  [
    "one without a certificate",
    ["LOG3[7]: SSL_accept: x.c:3764: error:0A0000C7:SSL routines::peer did not return a certificate"],
    { cause: "no-certificate", refusedBy: "here" },
  ],
  [
    "one that speaks no TLS",
    ["LOG3[7]: SSL_accept: x.c:77: error:0A00010B:SSL routines::wrong version number"],
    { cause: "not-tls", refusedBy: "here" },
  ],
])("%s is a failure of node authentication with its cause, and no peer that connected", (_, refusal, facts) => {
  const { hear, records } = auditing();
  const reset = "LOG5[7]: Connection reset: 0 byte(s) sent to TLS, 0 byte(s) sent to socket";
  hear(...INCOMING.slice(0, 2), ...refusal, reset);
  expect(records()).toEqual([
    expect.objectContaining({ eventId: "110113", eventTypeId: "110126", outcome: 8, ...facts }),
  ]);
});

test("where the far side refuses us that is a record too, on the leg that we send on", () => {
  const { hear, records } = auditing();
  hear(
    "LOG5[2]: Service [adt_to_eai] accepted connection from 127.0.0.1:44112",
    "LOG5[2]: s_connect: connected peer.example:32200",
    `LOG5[2]: Certificate accepted at depth=0: ${SUBJECT}`,
    "LOG6[2]: TLS connected: new session negotiated",
    "LOG3[2]: SSL_read: x.c:918: error:0A000414:SSL routines::ssl/tls alert certificate revoked: SSL alert number 44",
    "LOG5[2]: Connection reset: 0 byte(s) sent to TLS, 0 byte(s) sent to socket",
  );
  expect(records()).toEqual([
    expect.objectContaining({
      ...{ event: "Node Authentication", leg: "dpi-to-eai", cause: "revoked", refusedBy: "far" },
      ...{ address: "peer.example:32200", subject: SUBJECT },
    }),
  ]);
});

test("a look at the port that says nothing, and a probe of the site itself, are no refusal", () => {
  const { hear, records } = auditing();
  hear("LOG5[9]: Service [mdm_from_eai] accepted connection from 127.0.0.1:1");
  hear("LOG3[9]: SSL_accept: x.c:3764: error:0A0000C7:SSL routines::peer did not return a certificate");
  hear("LOG5[9]: Connection reset/closed: 0 byte(s) sent to TLS, 0 byte(s) sent to socket");
  hear(
    "LOG5[8]: Service [mdm_from_eai] accepted connection from peer.example:1",
    "LOG5[8]: SSL_accept: x.c:698: error:0A000126:SSL routines::unexpected eof while reading",
    "LOG5[8]: Connection reset/closed: 0 byte(s) sent to TLS, 0 byte(s) sent to socket",
  );
  expect(records()).toEqual([]);
});

test("what is sent has who is at the far end of its own connection, whatever others lead to", () => {
  const { auditor, hear, records } = auditing();
  const connect = (number: number, far: string, ...last: string[]) =>
    hear(
      `LOG5[${number}]: Service [adt_to_eai] accepted connection from 127.0.0.1:${number}`,
      `LOG5[${number}]: s_connect: connected ${far}`,
      "LOG6[7]: Certificate accepted at depth=1: CN=mllp-safetunnel sandbox CA, O=mllp-safetunnel sandbox".replace(
        "7",
        String(number),
      ),
      `LOG5[${number}]: Certificate accepted at depth=0: ${SUBJECT.replace("472A", `472${number}`)}`,
      ...last,
    );
  const send = (from?: string) => auditor.exchanged({ ...message, code: "AA", sizeBytes: 9040, durationMs: 2, from });
  connect(1, "one.example:32200", "LOG6[1]: TLS connected: new session negotiated");
  connect(2, "another.example:32200", "LOG6[2]: TLS connected: new session negotiated");
  hear("LOG5[2]: Connection closed: 137 byte(s) sent to TLS, 9043 byte(s) sent to socket");
  send("127.0.0.1:1");
  send("127.0.0.1:2");
  const who = (number: number, address: string) => ({
    ...{ event: "Export", connection: String(number), address, serial: SERIAL.replace("472A", `472${number}`) },
  });
  expect(records()).toMatchObject([who(1, "one.example:32200"), who(2, "another.example:32200")]);
  // of nobody's connection, or of an older version's "send"
  for (const from of ["127.0.0.1:3", undefined]) send(from);
  for (const record of records().slice(2)) expect(record).not.toHaveProperty("address");
});

test("what failed on its way says how far its connection came", () => {
  const { auditor, hear, records } = auditing();
  const failure = { ...message, sendable: true, error: "connection-reset", reason: "", hint: "" } as const;
  hear("LOG5[4]: Service [adt_to_eai] accepted connection from 127.0.0.1:4");
  auditor.exchangeFailed({ ...failure, from: "127.0.0.1:4" });
  hear("LOG5[4]: s_connect: connected one.example:32200");
  auditor.exchangeFailed({ ...failure, from: "127.0.0.1:4" });
  expect(records()).toMatchObject([
    { event: "Export", connection: "4", error: "connection-reset" },
    { event: "Export", connection: "4", address: "one.example:32200" },
  ]);
  expect(records()[0]).not.toHaveProperty("address");
});

test("a Stunnel that starts anew has lost its connections, and their numbers are others'", () => {
  const { auditor, connections, hear, records } = auditing();
  hear(...INCOMING, "LOG5[ui]: stunnel 5.74 on x86_64-pc-linux-gnu platform");
  expect(records().map(({ event }) => event)).toEqual(["Attach", "Detach"]);
  const next = INCOMING.map((line) => line.replace("57302", "57303").replace("44128", "44129"));
  hear(...next);
  auditor.received({ ...received, peer: "127.0.0.1:44129", code: "AA" });
  expect(records().at(-1)).toMatchObject({ event: "Import", address: "peer.example:57303", connection: "7" });
  expect(connections.behind("127.0.0.1:44128")?.address).toBe("peer.example:57302");
});

test("start, stop and a reload are records", () => {
  const { auditor, records } = auditing();
  auditor.siteStarted();
  auditor.reloaded({ outcome: "refused", cut: false, error: "key-mismatch" });
  auditor.siteStopped();
  expect(records()).toMatchObject([
    { eventId: "110100", eventTypeId: "110120", event: "Application Start", outcome: 0 },
    { eventId: "110113", eventTypeId: "110129", outcome: 8, error: "key-mismatch" },
    { eventId: "110100", eventTypeId: "110121", event: "Application Stop" },
  ]);
});
