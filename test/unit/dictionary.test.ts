import { expect, test } from "vitest";
import { DICTIONARY, meaningsOf } from "../../src/check/dictionary/dictionary.ts";
import { CASES, CASES_WITH_EXPIRED_CRL } from "../e2e/lab/cases.ts";
import { OTHERS, REFUSALS } from "./real-lines.ts";

const LINES = [...REFUSALS, ...OTHERS];

test.each(LINES.map(([line, causes, refusedBy]) => ({ line, causes, refusedBy })))(
  "$line",
  ({ line, causes, refusedBy }) => {
    const [first] = meaningsOf(line);
    expect({ causes: first?.causes, refusedBy: first?.refusedBy }).toEqual({ causes, refusedBy });
  },
);

test("a line of this project's logs means what Stunnel's own does, in JSON and for a reader, through Compose too", () => {
  for (const [line] of LINES) {
    const msg = line.replace(/^(?:[\d.]+ [\d:]+ )?LOG\d\[\w+\]: /, "");
    const json = JSON.stringify({ level: 50, part: "stunnel", event: "stunnel", connection: "12", msg });
    const written = [json, `eai-1  | ${json}`, `eai-1  | [11:04:03.290] ERROR: stunnel: ${msg}`];
    // words that only mean something alone on their line have other forms as well, which are in the list
    for (const one of written) expect([one, meaningsOf(one)]).toEqual([one, meaningsOf(line)]);
  }
});

test("a port of this machine that refuses is the application's, and nothing else is said of it", () => {
  const causesOf = (line: string) => meaningsOf(line).map(({ causes }) => causes[0]);
  expect(causesOf("s_connect: connect 127.0.0.1:21010: Connection refused (111)")).toEqual(["application-down"]);
  expect(causesOf("s_connect: connect ::1:21010: Connection refused (111)")).toEqual(["application-down"]);
  expect(causesOf("s_connect: connect 192.0.2.1:32100: Connection refused (111)")).toEqual(["port-closed"]);
});

test("of a JSON line only the message counts", () => {
  expect(meaningsOf(JSON.stringify({ msg: "all is well", subject: "CN=CRL has expired" }))).toEqual([]);
});

test("what each faulty peer makes both sides log is known, and says who refused", () => {
  const outcomes = [...CASES, ...CASES_WITH_EXPIRED_CRL].flatMap(({ asClient, asServer }) => [asClient, asServer]);
  const refusals = outcomes.filter((outcome) => typeof outcome === "object");
  expect(refusals.length).toBeGreaterThan(30);
  for (const { words, reads } of refusals) {
    expect([words, meaningsOf(words)[0]?.refusedBy]).toEqual([words, "here"]);
    expect([reads, meaningsOf(reads).map(({ refusedBy }) => refusedBy)]).toEqual([
      reads,
      expect.arrayContaining(["far"]),
    ]);
    // one of the causes of the alert is the cause that the refusing side gives
    const [cause] = meaningsOf(words)[0]?.causes ?? [];
    expect([words, reads, meaningsOf(reads).flatMap(({ causes }) => causes)]).toEqual([
      words,
      reads,
      expect.arrayContaining([cause]),
    ]);
  }
});

test.each([
  "",
  "the weather is fine",
  "LOG5[0]: Certificate accepted at depth=0: CN=eai, O=mllp-safetunnel sandbox",
  "LOG6[0]: TLS accepted: new session negotiated",
  "[11:04:04.428] INFO: listen: received ADT^A01 ADTMWQ8QMD0RZ7MK0001, 1143 bytes: stored, AA after 3 ms",
  "PID|1||4711||DUPONT^JEAN||19700101|M",
  "500 internal error of some web server",
  "the handshake failure of last week",
  "SSL alert number 450",
])("nothing is said of %s", (line) => {
  expect(meaningsOf(line)).toEqual([]);
});

test("only the recognised words are repeated", () => {
  for (const [line] of LINES)
    for (const { said } of meaningsOf(`${line} DUPONT^JEAN`)) {
      expect(line).toContain(said);
      expect(said).not.toMatch(/DUPONT|\/certs|CN=|\[|\d{2,}\.\d|nobody/);
      expect(said).not.toBe("");
    }
});

test("every entry is the first that some real line means", () => {
  const first = new Set(LINES.map(([line]) => meaningsOf(line)[0]?.plain));
  expect(DICTIONARY.filter(({ plain }) => !first.has(plain)).map(({ words }) => words)).toEqual([]);
});

test("every entry is said in English and in French, as a sentence of one line", () => {
  for (const { plain, next, words } of DICTIONARY)
    for (const { en, fr } of [plain, next]) {
      expect([words, en !== fr]).toEqual([words, true]);
      for (const sentence of [en, fr])
        expect([words, sentence]).toEqual([words, expect.stringMatching(/^[^\n]{15,}[^.\s]$/)]);
    }
});
