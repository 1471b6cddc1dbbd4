import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readOwnMessage } from "../../src/commands/source.ts";
import { startAdjustable } from "./wire/adjustable.ts";
import { cluesOf, found } from "./wire/clues.ts";
import { CONNECTIONS, LEAST_BYTES, LEGS, type Recorded, recordExchanges } from "./wire/exchanges.ts";
import { APPLICATION_DATA, recordsOf, type TlsRecord, versionOf } from "./wire/tls.ts";

const clues = {
  eai: cluesOf(await readOwnMessage("eai")),
  dpi: cluesOf(await readOwnMessage("dpi")),
};
const allClues = [...new Set([clues.eai, clues.dpi].flatMap(({ message, patient }) => [...message, ...patient]))];

const applicationBytes = (records: TlsRecord[]) =>
  records.reduce((sum, { type, body }) => sum + (type === APPLICATION_DATA ? body.length : 0), 0);

let started: Awaited<ReturnType<typeof startAdjustable>>;
beforeAll(async () => {
  started = await startAdjustable();
});
afterAll(() => started[Symbol.asyncDispose]());

describe.each([
  ["TLS 1.3, as the sites' own files have it", 0x0304, ""],
  ["TLS 1.2, where one of the sites has no newer one", 0x0303, "sslVersionMax = TLSv1.2"],
])("with %s", (_, version, setting) => {
  let recorded: Recorded;
  beforeAll(async () => {
    await started.adjust(setting);
    recorded = await recordExchanges(started.sandbox);
  });

  test("every byte of every connection between the sites is part of a TLS record of that version", () => {
    const connections = recorded.between();
    for (const { tlsPort } of LEGS) {
      const ofLeg = connections.filter(({ port }) => port === tlsPort);
      expect(ofLeg).toHaveLength(CONNECTIONS);
      const records = ofLeg.map(({ asked, answered }) => ({ asked: recordsOf(asked), answered: recordsOf(answered) }));
      for (const { asked, answered } of records) {
        expect(versionOf(answered)).toBe(version);
        expect(applicationBytes(asked)).toBeGreaterThan(0);
        expect(applicationBytes(answered)).toBeGreaterThan(0);
      }
      // the messages themselves crossed in them
      expect(applicationBytes(records.flatMap(({ asked }) => asked))).toBeGreaterThan(LEAST_BYTES);
    }
    expect(connections).toHaveLength(LEGS.length * CONNECTIONS);
  });

  test("the sites say nothing to each other but by TCP, and no packet and no stream holds a clue", () => {
    const tcp = recorded.network.filter(({ segment }) => segment !== undefined);
    const sites = new Set(tcp.flatMap(({ source, target }) => [source, target]));
    expect(sites.size).toBe(2);
    // what runs a network may be there, who has which address or name; it goes to no site, and it is searched as well
    const others = recorded.network.filter(({ segment }) => segment === undefined);
    expect(others.filter(({ source, target }) => sites.has(source) && sites.has(target))).toEqual([]);
    for (const { bytes } of recorded.network) expect(found(allClues, bytes)).toEqual([]);
    // what no packet holds whole may stand in two
    for (const { asked, answered } of recorded.between())
      expect([...found(allClues, asked), ...found(allClues, answered)]).toEqual([]);
  });

  test.each(LEGS)("the same search finds every clue on the loopback, in what $sender sends, and no TLS", (leg) => {
    const connections = recorded.plain(leg);
    expect(connections).toHaveLength(CONNECTIONS);
    const { message, patient } = clues[leg.sender];
    for (const { asked, answered } of connections) {
      expect(found([...message, ...patient], asked)).toEqual([...message, ...patient]);
      expect(found(message, answered)).toEqual(message);
      for (const stream of [asked, answered]) expect(() => recordsOf(stream)).toThrow("no TLS record at byte 0");
    }
  });
});
