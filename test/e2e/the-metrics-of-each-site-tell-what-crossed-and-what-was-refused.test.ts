import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readOwnMessage } from "../../src/commands/source.ts";
import { Message } from "../../src/hl7/message.ts";
import { counted, PLAIN_PORT, type SiteName, scrape, signalSite, startSandbox } from "./sandbox/index.ts";

const mdm = await readOwnMessage("eai");
let sandbox: Awaited<ReturnType<typeof startSandbox>>;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox[Symbol.asyncDispose]());

const sendAsIs = (message: Message, ...options: string[]) =>
  sandbox.exec("eai", ["send", "--as-is", ...options, "-"], { input: message.payload });
const series = async (site: SiteName, ...names: string[]) => counted(await scrape(sandbox, site), ...names);

test("what crossed is counted at both ends, by leg, type and code", async () => {
  await sandbox.mustExec("eai", "send", "--count", "3", "--connections", "2");
  await sandbox.mustExec("dpi", "send");
  const repeated = mdm.withHeader({ 10: "E2E-METRICS-REPEAT" });
  for (const expected of [0, 0]) expect((await sendAsIs(repeated)).code).toBe(expected);
  // of whatever types others send there is one series
  for (const type of ["ORU^R01", "ZZ1^A01", "ZZ2^A02"])
    expect((await sendAsIs(mdm.withHeader({ 9: type, 10: `E2E-METRICS-${type}` }))).code).toBe(3);

  // a "send" beside the site tells it a moment later
  const exchanges = { 'mllp_exchanges_total{leg="eai-to-dpi",type="MDM^T02",code="AA"}': 5 };
  await expect
    .poll(() => series("eai", "mllp_exchanges_total"))
    .toEqual({
      ...exchanges,
      'mllp_exchanges_total{leg="eai-to-dpi",type="other",code="AR"}': 3,
    });
  expect(await series("dpi", "mllp_messages_received_total", "mllp_repeats_total", "mllp_exchanges_total")).toEqual({
    'mllp_messages_received_total{leg="eai-to-dpi",type="MDM^T02",code="AA"}': 5,
    'mllp_messages_received_total{leg="eai-to-dpi",type="other",code="AR"}': 3,
    'mllp_repeats_total{leg="eai-to-dpi"}': 1,
    'mllp_exchanges_total{leg="dpi-to-eai",type="ADT^A01",code="AA"}': 1,
  });
  expect(await series("dpi", "mllp_journal_messages", "mllp_payload_size_bytes_count")).toEqual({
    'mllp_journal_messages{leg="eai-to-dpi"}': 7,
    'mllp_payload_size_bytes_count{leg="eai-to-dpi",direction="received"}': 8,
    'mllp_payload_size_bytes_count{leg="dpi-to-eai",direction="sent"}': 1,
  });
  expect(await series("eai", "mllp_exchange_duration_seconds_count", "mllp_link_up", "mllp_repeats_total")).toEqual({
    'mllp_exchange_duration_seconds_count{leg="eai-to-dpi"}': 8,
    'mllp_link_up{leg="eai-to-dpi"}': 1,
  });
});

test("what was no message is counted by its reason, on the side that refused it", async () => {
  for (const bytes of ["\x0bhello\x1c\r", "\x0bMSH|^~\\&|EAI|CHU_X|DPI|CHU_X|1||MDM^T02|HALF|T|2.6\r", "GET /\r\n"])
    await sandbox.exec("eai", ["node", "-e", PLAIN_PORT], { input: bytes });
  await expect
    .poll(() => series("dpi", "mllp_frames_refused_total"))
    .toEqual({
      'mllp_frames_refused_total{leg="eai-to-dpi",reason="no-header"}': 1,
      'mllp_frames_refused_total{leg="eai-to-dpi",reason="unfinished-frame"}': 1,
      'mllp_frames_refused_total{leg="eai-to-dpi",reason="bytes-outside-frame"}': 1,
    });
  expect(await series("eai", "mllp_frames_refused_total")).toEqual({});
});

test("a client without a certificate is one refusal, here, with its cause; a probe of the site itself is none", async () => {
  await sandbox.mustExec("dpi", "certs", "show");
  await sandbox.shell("eai", "openssl s_client -connect dpi:32100 </dev/null >/dev/null 2>&1; true");
  const refusal = 'stunnel_refusals_total{leg="eai-to-dpi",cause="no-certificate",refused_by="here"}';
  await expect.poll(() => series("dpi", "stunnel_refusals_total")).toEqual({ [refusal]: 1 });
  expect(await series("eai", "stunnel_refusals_total")).toEqual({});
  await expect.poll(() => series("dpi", "stunnel_connections_open")).toEqual({});
});

test("the queue is told with its age while the far listener hangs, then what is set aside", async () => {
  await sandbox.shell("dpi", signalSite("STOP"));
  const cut = Message.read(mdm.withHeader({ 10: "E2E-METRICS-CUT" }).payload.subarray(0, 500));
  await sendAsIs(cut, "--queue");
  await sandbox.mustExec("eai", "send", "--queue");
  const outbox = ["mllp_outbox_messages", "mllp_outbox_set_aside_messages"];
  expect(await series("eai", ...outbox)).toEqual({ 'mllp_outbox_messages{leg="eai-to-dpi"}': 2 });
  const age = 'mllp_outbox_oldest_age_seconds{leg="eai-to-dpi"}';
  const ageNow = async () => (await series("eai", "mllp_outbox_oldest_age_seconds"))[age];
  expect(await ageNow()).toBeGreaterThan(0);
  await sandbox.shell("dpi", signalSite("CONT"));
  await expect
    .poll(() => series("eai", ...outbox))
    .toEqual({
      'mllp_outbox_set_aside_messages{leg="eai-to-dpi"}': 1,
    });
  expect(await ageNow()).toBeUndefined();
  expect(await series("eai", "mllp_exchanges_total")).toEqual({
    'mllp_exchanges_total{leg="eai-to-dpi",type="MDM^T02",code="AA"}': 6,
    'mllp_exchanges_total{leg="eai-to-dpi",type="MDM^T02",code="AE"}': 1,
    'mllp_exchanges_total{leg="eai-to-dpi",type="other",code="AR"}': 3,
  });
});

test("a reload is counted by its outcome, and certificates and list by what Stunnel has loaded", async () => {
  await sandbox.mustExec("eai", "certs", "reload");
  expect(await series("eai", "stunnel_reloads_total")).toEqual({ 'stunnel_reloads_total{outcome="done"}': 1 });
  const ends = await series("eai", "stunnel_certificate_expiry_timestamp_seconds");
  const [shown] = JSON.parse(await sandbox.mustExec("eai", "certs", "show", "--json")).shown;
  const ownEnds = Date.parse(shown.certificates[0].ends) / 1000;
  expect(ends).toMatchObject({ 'stunnel_certificate_expiry_timestamp_seconds{certificate="own"}': ownEnds });
  expect(await scrape(sandbox, "eai")).toMatch(/^stunnel_crl_expiry_timestamp_seconds \d+$/m);
  expect(await scrape(sandbox, "eai")).toMatch(
    /^mllp_build_info\{version="[\d.]+",node="24[\d.]+",stunnel="5\.\d+"\} 1$/m,
  );
});

test("and in all of that there is no patient, and no control ID", async () => {
  const told = (await scrape(sandbox, "eai")) + (await scrape(sandbox, "dpi"));
  const segments = ["eai/message.hl7", "dpi/message.hl7"].flatMap((file) => readFileSync(file, "utf8").split("\n"));
  const values = segments.filter((line) => line.startsWith("PID")).flatMap((line) => line.split(/[|^&~]/));
  const telling = values.filter(({ length }) => length > 4);
  expect(telling).toContain("PAT-TROIS");
  // digits alone may stand in a number by chance
  const within = (value: string) =>
    told.split(/[^\d.A-Za-z_-]+/).includes(value) || (/\D/.test(value) && told.includes(value));
  expect(telling.filter(within)).toEqual([]);
  expect(told).not.toMatch(/E2E-METRICS|MDMM|ADTM|ORU|ZZ\d/);
  // the sample of that which has to be found, where it is looked for
  expect(told).toContain("MDM^T02");
});
