import { expect, test } from "vitest";
import { site as eai } from "../../eai/site.ts";
import { parseConf } from "../../src/site/stunnel-conf.ts";
import { Metrics, type MetricsSource } from "../../src/watch/metrics.ts";
import { periodFrom } from "../../stunnel/certificates.ts";
import { following } from "./followed.ts";
import { material } from "./material-made.ts";
import { authority, leafOf, listOf, now } from "./trust-kit.ts";

const conf = parseConf("[mdm_to_dpi]\nclient = yes\n[adt_from_dpi]\naccept = 32200\n", "stunnel.conf");

/** The metrics of EAI over a state that a test may set. */
function prepare(source: Partial<MetricsSource["state"]> = {}, simulator = { sends: true, listens: true }) {
  const state: MetricsSource["state"] = {
    outbox: { counts: () => ({ waiting: 3, setAside: 1 }), oldestQueuedAtMs: () => Date.now() - 5000 },
    journal: { count: () => 7 },
    sizeBytes: () => 4096,
    loaded: () => material(),
    ...source,
  };
  const sending = { types: ["MDM^T02"], everyMs: 20_000, lastAcknowledgedAtMs: undefined };
  const { connections, hear } = following("adt_from_dpi");
  const metrics = new Metrics({
    site: eai,
    simulator,
    sending,
    receiving: { lastReceivedAtMs: 1000 },
    conf: () => conf,
    connections,
    state,
  });
  const scrape = async () => (await metrics.scrape()).text;
  /** The series of a metric, its value behind each. */
  const series = async (name: string) => {
    const lines = (await scrape())
      .split("\n")
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
    return lines.map((line) => line.slice(name.length).trim());
  };
  /** The same without those that are still at 0. */
  const counted = async (name: string) => (await series(name)).filter((line) => !line.endsWith(" 0"));
  return { metrics, observer: metrics.observer, hear, scrape, series, counted };
}

const received = { peer: "127.0.0.1:1", sizeBytes: 1143, durationMs: 2, repeat: false };
const failed = { type: "MDM^T02", controlId: "A", sendable: true, reason: "", hint: "" };

test("an exchange counts by leg, type and code, with its time and size", async () => {
  const { observer, counted } = prepare();
  const fact = { type: "MDM^T02", controlId: "A", code: "AA", sizeBytes: 9040, durationMs: 38 };
  observer.exchanged(fact);
  observer.exchanged({ ...fact, code: "AE", durationMs: 1999 });
  expect(await counted("mllp_exchanges_total")).toEqual([
    '{leg="eai-to-dpi",type="MDM^T02",code="AA"} 1',
    '{leg="eai-to-dpi",type="MDM^T02",code="AE"} 1',
  ]);
  expect(await counted("mllp_exchange_duration_seconds_sum")).toEqual(['{leg="eai-to-dpi"} 2.037']);
  expect(await counted("mllp_exchange_duration_seconds_bucket")).toContain('{le="0.05",leg="eai-to-dpi"} 1');
  expect(await counted("mllp_exchange_duration_seconds_bucket")).toContain('{le="2",leg="eai-to-dpi"} 2');
  expect(await counted("mllp_payload_size_bytes_sum")).toEqual(['{leg="eai-to-dpi",direction="sent"} 18080']);
  expect(await counted("mllp_link_up")).toEqual(['{leg="eai-to-dpi"} 1']);
  expect(await counted("mllp_last_acknowledgment_timestamp_seconds")).toHaveLength(1);
});

test("one without an acknowledgment counts as none, by its error, and says that the link is down", async () => {
  const { observer, counted, series } = prepare();
  expect(await series("mllp_link_up")).toEqual([]);
  observer.exchangeFailed({ ...failed, error: "connection-reset" });
  expect(await counted("mllp_exchanges_total")).toEqual(['{leg="eai-to-dpi",type="MDM^T02",code="none"} 1']);
  expect(await counted("mllp_exchange_failures_total")).toEqual(['{leg="eai-to-dpi",error="connection-reset"} 1']);
  expect(await series("mllp_link_up")).toEqual(['{leg="eai-to-dpi"} 0']);
  expect(await series("mllp_last_acknowledgment_timestamp_seconds")).toEqual([]);
});

test("a message that cannot be sent says nothing of the link; an idle end and a question without a message do", async () => {
  const { metrics, observer, series } = prepare();
  observer.exchangeFailed({ ...failed, error: "message-unframeable", sendable: false });
  expect(await series("mllp_link_up")).toEqual([]);
  metrics.linkAsked(true);
  expect(await series("mllp_link_up")).toEqual(['{leg="eai-to-dpi"} 1']);
  observer.linkLost({ error: "connection-reset", reason: "", hint: "" });
  expect(await series("mllp_link_up")).toEqual(['{leg="eai-to-dpi"} 0']);
});

test("what came counts on the other leg: messages, repeats, refused frames", async () => {
  const { observer, counted } = prepare();
  observer.received({ ...received, type: "ADT^A01", controlId: "B", code: "AA", journalId: 1 });
  observer.received({ ...received, type: "ADT^A01", controlId: "B", code: "AA", journalId: 1, repeat: true });
  observer.frameRefused({ reason: "no-header", peer: "127.0.0.1:1", code: "AE" });
  expect(await counted("mllp_messages_received_total")).toEqual(['{leg="dpi-to-eai",type="ADT^A01",code="AA"} 2']);
  expect(await counted("mllp_repeats_total")).toEqual(['{leg="dpi-to-eai"} 1']);
  expect(await counted("mllp_frames_refused_total")).toEqual(['{leg="dpi-to-eai",reason="no-header"} 1']);
  expect(await counted("mllp_payload_size_bytes_count")).toEqual(['{leg="dpi-to-eai",direction="received"} 2']);
});

test("whatever types and codes others write, there is one series for them", async () => {
  const { observer, scrape, counted } = prepare();
  const before = (await scrape()).split("\n").length;
  for (let number = 0; number < 200; number += 1) {
    const hostile = { type: `ZZ"}\n${number}^A\\${number}`, controlId: `PAT-${number}`, code: `A${number}` };
    observer.received({ ...received, ...hostile });
    observer.exchanged({ ...hostile, sizeBytes: 1, durationMs: 1 });
    observer.exchangeFailed({ ...failed, ...hostile, error: `e${number}` as never });
  }
  // "constructor" and the like are no types either
  observer.received({ ...received, type: "__proto__", controlId: "", code: "toString" });
  expect(await counted("mllp_messages_received_total")).toEqual(['{leg="dpi-to-eai",type="other",code="other"} 201']);
  expect(await counted("mllp_exchanges_total")).toEqual([
    '{leg="eai-to-dpi",type="other",code="none"} 200',
    '{leg="eai-to-dpi",type="other",code="other"} 200',
  ]);
  expect(await counted("mllp_exchange_failures_total")).toEqual(['{leg="eai-to-dpi",error="other"} 200']);
  // but for the two times of the last message and the state of the link
  expect((await scrape()).split("\n").length).toBeLessThanOrEqual(before + 3);
  expect(await scrape()).not.toMatch(/PAT-|ZZ/);
});

test("connections are counted and open by their end", async () => {
  const { observer, series } = prepare();
  observer.connectionOpened({ end: "listener", peer: "127.0.0.1:1" });
  observer.connectionOpened({ end: "listener", peer: "127.0.0.1:2" });
  observer.connectionEnded({ end: "listener", peer: "127.0.0.1:1" });
  expect(await series("mllp_connections_open")).toEqual([
    '{leg="eai-to-dpi",end="sender"} 0',
    '{leg="dpi-to-eai",end="listener"} 1',
  ]);
  expect(await series("mllp_connections_total")).toContain('{leg="dpi-to-eai",end="listener"} 2');
});

test("Stunnel's lines count by service and leg, and give its version; a reload counts by its outcome", async () => {
  const { observer, hear, counted, series } = prepare();
  const reset = "Connection reset: 0 byte(s) sent to TLS, 0 byte(s) sent to socket";
  hear(
    "LOG5[ui]: stunnel 5.74 on x86_64-pc-linux-gnu platform",
    "LOG5[1]: Service [adt_from_dpi] accepted connection from 192.0.2.7:1",
    "LOG3[1]: SSL_accept: error:0A0000C7:SSL routines::peer did not return a certificate",
    `LOG5[1]: ${reset}`,
    "LOG5[2]: Service [mdm_to_dpi] accepted connection from 127.0.0.1:2",
    "LOG3[2]: SSL_read: error:0A000414:SSL routines::ssl/tls alert certificate revoked",
    `LOG5[2]: ${reset}`,
    "LOG5[3]: Service [adt_from_dpi] accepted connection from 192.0.2.7:3",
  );
  observer.reloaded({ outcome: "refused", cut: false });
  expect(await series("stunnel_connections_total")).toEqual(['{service="mdm_to_dpi"} 1', '{service="adt_from_dpi"} 2']);
  expect(await series("stunnel_connections_open")).toEqual(['{service="mdm_to_dpi"} 0', '{service="adt_from_dpi"} 1']);
  expect(await counted("stunnel_refusals_total")).toEqual([
    '{leg="eai-to-dpi",cause="revoked",refused_by="far"} 1',
    '{leg="dpi-to-eai",cause="no-certificate",refused_by="here"} 1',
  ]);
  expect(await series("stunnel_reloads_total")).toEqual(['{outcome="done"} 0', '{outcome="refused"} 1']);
  expect(await series("mllp_build_info")).toEqual([expect.stringContaining('stunnel="5.74"')]);
  hear("LOG5[ui]: stunnel 5.75 on x86_64-pc-linux-gnu platform");
  expect(await series("stunnel_connections_open")).toEqual(['{service="mdm_to_dpi"} 0', '{service="adt_from_dpi"} 0']);
  expect(await series("mllp_build_info")).toEqual([expect.stringContaining('stunnel="5.75"')]);
});

test("the state of the store is read when it is asked for", async () => {
  let waiting = 3;
  const outbox = {
    counts: () => ({ waiting, setAside: 1 }),
    oldestQueuedAtMs: () => (waiting ? Date.now() - 5000 : undefined),
  };
  const { series } = prepare({ outbox });
  expect(await series("mllp_outbox_messages")).toEqual(['{leg="eai-to-dpi"} 3']);
  expect(await series("mllp_outbox_set_aside_messages")).toEqual(['{leg="eai-to-dpi"} 1']);
  expect(await series("mllp_outbox_oldest_age_seconds")).toEqual([
    expect.stringMatching(/^\{leg="eai-to-dpi"\} [5-9]/),
  ]);
  expect(await series("mllp_journal_messages")).toEqual(['{leg="dpi-to-eai"} 7']);
  expect(await series("mllp_journal_size_bytes")).toEqual(['{leg="dpi-to-eai"} 4096']);
  expect(await series("mllp_send_interval_seconds")).toEqual(['{leg="eai-to-dpi"} 20']);
  expect(await series("mllp_last_message_timestamp_seconds")).toEqual(['{leg="dpi-to-eai"} 1']);
  waiting = 0;
  expect(await series("mllp_outbox_oldest_age_seconds")).toEqual(['{leg="eai-to-dpi"} 0']);
});

test("of the outbox, what waits and what is set aside is counted once a scrape, and told for one moment", async () => {
  let reads = 0;
  const outbox = { counts: () => ({ waiting: ++reads, setAside: 10 * reads }), oldestQueuedAtMs: () => undefined };
  const { scrape } = prepare({ outbox });
  for (const nth of [1, 2]) {
    const text = await scrape();
    expect(text).toContain(`mllp_outbox_messages{leg="eai-to-dpi"} ${nth}\n`);
    expect(text).toContain(`mllp_outbox_set_aside_messages{leg="eai-to-dpi"} ${10 * nth}\n`);
  }
});

test("what cannot be read has no last value, counts as a failure of the store, and hides nothing else", async () => {
  let broken = false;
  const count = () => {
    if (broken) throw new Error("disk I/O error");
    return 7;
  };
  const { series } = prepare({ journal: { count } });
  expect(await series("mllp_journal_messages")).toHaveLength(1);
  broken = true;
  expect(await series("mllp_journal_messages")).toEqual([]);
  expect(await series("mllp_outbox_messages")).toEqual(['{leg="eai-to-dpi"} 3']);
  expect(Number((await series("mllp_store_failures_total"))[0])).toBeGreaterThan(0);
});

test("of certificates and lists the earliest end of a kind is told, and nothing of what is not there", async () => {
  const seconds = (date: Date | undefined) => (date?.getTime() ?? 0) / 1000;
  const short = listOf(authority, { period: periodFrom(now, 3) });
  const given = material({ own: leafOf(authority).certificate, crls: short });
  const { series } = prepare({ loaded: () => given });
  expect(await series("stunnel_certificate_expiry_timestamp_seconds")).toEqual([
    `{certificate="own"} ${seconds(given.chain[0].validToDate)}`,
    `{certificate="authority"} ${seconds(given.authorities[0]?.validToDate)}`,
  ]);
  expect(await series("stunnel_crl_expiry_timestamp_seconds")).toEqual([`${seconds(given.crls?.[0]?.nextUpdate)}`]);
  const none = prepare({ loaded: () => material({ crls: null }) });
  expect(await none.series("stunnel_crl_expiry_timestamp_seconds")).toEqual([]);
  const unread = prepare({ loaded: () => undefined });
  expect(await unread.series("stunnel_certificate_expiry_timestamp_seconds")).toEqual([]);
});

test("of a role that an engine plays no series is shown, and the interval of the send loop is 0", async () => {
  const OF_SENDING = ["mllp_exchanges_total", "mllp_exchange_duration_seconds_count", "mllp_link_up"];
  const OF_LISTENING = ["mllp_messages_received_total", "mllp_repeats_total", "mllp_last_message_timestamp_seconds"];
  for (const [sends, listens] of [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const) {
    const { metrics, observer, series, scrape } = prepare({}, { sends, listens });
    observer.exchanged({ type: "MDM^T02", controlId: "A", code: "AA", sizeBytes: 9040, durationMs: 38 });
    metrics.linkAsked(true);
    const shown = async (names: string[]) =>
      (await Promise.all(names.map(series))).map((lines) => lines.length > 0).filter(Boolean).length;
    expect([sends, await shown(OF_SENDING)]).toEqual([sends, sends ? OF_SENDING.length : 0]);
    expect([listens, await shown(OF_LISTENING)]).toEqual([listens, listens ? OF_LISTENING.length : 0]);
    expect(await series("mllp_send_interval_seconds")).toEqual([`{leg="eai-to-dpi"} ${sends ? 20 : 0}`]);
    expect(await series("mllp_simulator_runs")).toEqual([
      `{role="send"} ${Number(sends)}`,
      `{role="listen"} ${Number(listens)}`,
    ]);
    const ends = [...(sends ? ["sender"] : []), ...(listens ? ["listener"] : [])];
    expect((await series("mllp_connections_open")).map((line) => /end="(\w+)"/.exec(line)?.[1])).toEqual(ends);
    expect((await scrape()).includes('direction="sent"')).toBe(sends);
    // what lies on the disk is true whoever put it there
    expect(await series("mllp_outbox_messages")).toEqual(['{leg="eai-to-dpi"} 3']);
  }
});
