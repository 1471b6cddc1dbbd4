import fc from "fast-check";
import { expect, test } from "vitest";
import { site as dpi } from "../../dpi/site.ts";
import { Auditor } from "../../src/audit/auditor.ts";
import { type AuditEvent, NO_RECORD, recordOf } from "../../src/audit/record.ts";
import { readConf } from "../../src/site/stunnel-conf.ts";
import { tlsServicesOf } from "../../src/site/tunnel.ts";
import { Metrics } from "../../src/watch/metrics.ts";
import { knownRefusals, refusalIn } from "../../src/watch/refusals.ts";
import { following, numbered } from "./followed.ts";
import { OTHERS, REFUSALS } from "./real-lines.ts";

const conf = await readConf("dpi/stunnel.conf");

/** What metrics and audit trail of DPI make of one log: refusals by leg, cause and who refused, each with its number. */
async function toldByBoth(lines: string[]): Promise<{ metrics: string[]; audit: string[] }> {
  const { connections, hear } = following(...tlsServicesOf(conf));
  const state = {
    outbox: { counts: () => ({ waiting: 0, setAside: 0 }), oldestQueuedAtMs: () => undefined },
    ...{ journal: { count: () => 0 }, sizeBytes: () => 0, loaded: () => undefined },
  };
  const sending = { types: [], everyMs: undefined, lastAcknowledgedAtMs: undefined };
  const receiving = { lastReceivedAtMs: undefined };
  const simulator = { sends: true, listens: true };
  const metrics = new Metrics({ site: dpi, simulator, sending, receiving, conf: () => conf, connections, state });
  const events: AuditEvent[] = [];
  new Auditor({ append: (event) => void events.push(event) }, connections, dpi);
  hear(...lines);
  const { text } = await metrics.scrape();
  const series = /^stunnel_refusals_total\{leg="(.*)",cause="(.*)",refused_by="(.*)"\} ([1-9]\d*)$/gm;
  const records = events
    .filter(({ kind }) => kind === "authentication")
    .map((event) => JSON.parse(recordOf(event, "dpi", NO_RECORD).line))
    .map(({ leg, cause, refusedBy }) => [leg, cause, refusedBy].join(" "));
  const counted = [...new Set(records)].map((which) => `${which} ${records.filter((one) => one === which).length}`);
  return { metrics: [...text.matchAll(series)].map(([, ...all]) => all.join(" ")).sort(), audit: counted.sort() };
}

/** Lines that real Stunnels wrote, without the number of their connection. */
const REAL = [...REFUSALS, ...OTHERS].flatMap(([line]) => {
  const [, level, text] = /LOG(\d)\[[^\]]*\]: (.*)$/.exec(line) ?? ["", "3", line];
  return /^(?:Service \[|stunnel |Connection )/.test(text ?? "") ? [] : [`LOG${level}: ${text}`];
});
const BOTH_SIDES = {
  from: "LOG5: Service [mdm_from_eai] accepted connection from 192.0.2.7:39530",
  to: "LOG5: Service [adt_to_eai] accepted connection from 127.0.0.1:44112",
};
const RESET = "LOG5: Connection reset: 0 byte(s) sent to TLS, 0 byte(s) sent to socket";

test("metrics and audit trail name the same cause, side and leg, whatever lines a connection has and in which order", async () => {
  expect(REAL.length).toBeGreaterThan(30);
  const connection = fc.record({
    side: fc.constantFrom(BOTH_SIDES.from, BOTH_SIDES.to),
    lines: fc.array(fc.constantFrom(...REAL), { maxLength: 15 }),
  });
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(connection, { minLength: 1, maxLength: 5 }), async (all) => {
      const lines = all.flatMap(({ side, lines }, number) => numbered(number, side, ...lines, RESET));
      const { metrics, audit } = await toldByBoth(lines);
      refused += metrics.length;
      expect(audit).toEqual(metrics);
    }),
  );
  expect(refused).toBeGreaterThan(0);
});

test("one that was refused and whose Stunnel was cut short is told by both, when the next one begins", async () => {
  const [line = ""] = REAL;
  const lines = [...numbered(1, BOTH_SIDES.from, line), ...numbered("ui", "LOG5: stunnel 5.74 on x86_64")];
  const told = ["eai-to-dpi unknown-authority here 1"];
  expect(await toldByBoth(lines)).toEqual({ metrics: told, audit: told });
  expect(await toldByBoth(lines.slice(0, -1))).toEqual({ metrics: [], audit: [] });
});

test("the reason in a line comes before what is said beside it, and what is no refusal is none", () => {
  const beside = "SSL_accept: error:0A000086:SSL routines::certificate verify failed";
  expect(refusalIn(beside)).toEqual({ cause: "certificate-refused", refusedBy: "here", explains: false });
  expect(refusalIn(`CERT: Pre-verification error: certificate revoked; ${beside}`)).toMatchObject({
    ...{ cause: "revoked", refusedBy: "here", explains: true },
  });
  expect(refusalIn("SSL_accept: error:0A000126:SSL routines::unexpected eof while reading")).toBeUndefined();
});

test("every refusal of the dictionary is known beforehand, each once", () => {
  const known = knownRefusals();
  expect(known).toContainEqual({ cause: "expired", refusedBy: "here" });
  expect(known).toContainEqual({ cause: "revoked", refusedBy: "far" });
  expect(new Set(known.map(({ cause, refusedBy }) => `${cause} ${refusedBy}`)).size).toBe(known.length);
});
