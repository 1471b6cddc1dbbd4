import { appendFileSync } from "node:fs";
import { expect, test } from "vitest";
import { trailDirectory } from "../../src/audit/files.ts";
import { verifyTrail } from "../../src/audit/verify.ts";
import { openAudit } from "../../src/commands/site-audit.ts";
import { traceOf } from "../../src/hl7/claim.ts";
import { Message } from "../../src/hl7/message.ts";
import type { Log } from "../../src/log/log.ts";
import { readSettings } from "../../src/settings.ts";
import { TunnelConnections } from "../../src/site/tunnel-connections.ts";
import { template } from "./peer.ts";
import { receiveInto } from "./receiver.ts";
import { SiteStore } from "./site-store.ts";

const connections = () =>
  new TunnelConnections(
    () => [],
    () => undefined,
  );

/** A site whose trail can be opened, left as a kill leaves it, and opened again. */
class Site extends SiteStore {
  readonly logged: object[] = [];

  async open() {
    const settings = await readSettings({ SITE: "dpi", DATA_DIR: this.folder });
    const hear = (facts: object) => void this.logged.push(facts);
    const log: Log = { debug: hear, info: hear, warn: hear, error: hear, fatal: hear };
    return openAudit(settings, connections(), this.journal, log);
  }

  /** Stores what a listener stores of a message; of a site that is killed then, nobody has told the trail. */
  async receive(...controlIds: string[]): Promise<void> {
    const { answerTo } = await receiveInto(this);
    for (const controlId of controlIds) await answerTo(template.withHeader({ 10: controlId }));
  }

  records(): Record<string, unknown>[] {
    const lines = this.read("audit/audit.log").trimEnd().split("\n");
    return lines.map((line) => JSON.parse(line));
  }

  verified() {
    return { broken: undefined, ...verifyTrail(trailDirectory(this.folder)) };
  }
}

test("what the journal has beyond the last record is appended and marked, each once", async () => {
  using site = new Site();
  {
    using audit = await site.open();
    await site.receive("A");
    const fact = { type: "MDM^T02", controlId: "A", peer: "127.0.0.1:1", code: "AA", sizeBytes: 9040, durationMs: 1 };
    audit.auditor.received({ ...fact, journalId: 1, repeat: false });
    // a repeat has the number of the first, and is no new entry
    audit.auditor.received({ ...fact, journalId: 1, repeat: true });
  }
  await site.receive("B", "C");
  (await site.open())[Symbol.dispose]();
  const found = site
    .records()
    .flatMap(({ controlId, recovered, journalId }) => (controlId ? [[controlId, recovered, journalId]] : []));
  expect(found).toEqual([
    ["A", undefined, 1],
    ["A", undefined, undefined],
    ["B", true, 2],
    ["C", true, 3],
  ]);
  (await site.open())[Symbol.dispose]();
  expect(site.records().filter(({ recovered }) => recovered)).toHaveLength(2);
  expect(site.verified()).toMatchObject({ broken: undefined });
});

test("a recovered record has the time and the trace ID of its message, be it accepted or refused", async () => {
  using site = new Site();
  const refused = Message.read(
    Buffer.from(template.payload.toString("latin1").replace("MDM^T02", "ORU^R01"), "latin1"),
  );
  const { answerTo } = await receiveInto(site);
  await answerTo(template);
  await answerTo(refused);
  const [first] = site.journal.factsAfter(0, 1);
  (await site.open())[Symbol.dispose]();
  const { traceId } = traceOf(template);
  expect(site.records()).toMatchObject([
    { event: "Import", code: "AA", outcome: 0, traceId, time: new Date(first?.receivedAtMs ?? 0).toISOString() },
    { event: "Import", code: "AR", outcome: 4, traceId },
  ]);
});

test("a site that stopped says so, and one that was killed is found out at its next start", async () => {
  using site = new Site();
  const events = () => site.records().map(({ event }) => event);
  for (const stops of [true, false]) {
    using audit = await site.open();
    audit.auditor.siteStarted();
    if (stops) audit.auditor.siteStopped();
  }
  expect(events()).toEqual(["Application Start", "Application Stop", "Application Start"]);
  (await site.open())[Symbol.dispose]();
  expect(events().at(-1)).toBe("Audit Recording Started");
  expect(site.records().at(-1)).toMatchObject({ why: "the site did not stop before", outcome: 4 });
});

test("half a record is told in the log and in the trail, with the file that has it", async () => {
  using site = new Site();
  {
    using audit = await site.open();
    audit.auditor.siteStarted();
  }
  appendFileSync(site.path("audit/audit.log"), '{"sequence":2,"ti');
  (await site.open())[Symbol.dispose]();
  const { aside } = site.records().at(-1) ?? {};
  expect(site.read(`audit/${aside}`)).toBe('{"sequence":2,"ti');
  expect(site.logged).toEqual([{ event: "audit-aside", bytes: 17, file: aside }]);
  expect(site.verified()).toMatchObject({ records: 2, broken: undefined });
});

test("a store that was begun anew is recorded from its first message", async () => {
  using before = new Site();
  await before.receive("A", "B", "C");
  (await before.open())[Symbol.dispose]();
  using site = new Site();
  await site.receive("D");
  const settings = await readSettings({ SITE: "dpi", DATA_DIR: before.folder });
  const log = { warn() {} } as unknown as Log;
  openAudit(settings, connections(), site.journal, log)[Symbol.dispose]();
  expect(before.records().at(-1)).toMatchObject({ controlId: "D", journalId: 1, recovered: true });
});
