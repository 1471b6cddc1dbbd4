import { afterEach, expect, test, vi } from "vitest";
import type { Report } from "../../src/check/report/report.ts";
import { TableReport } from "../../src/commands/check-table.ts";
import type { Lang } from "../../src/languages.ts";
import { HOSTILE, report, wordsOf } from "./report-kit.ts";

const { isTTY, columns } = process.stdout;
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  Object.assign(process.stdout, { isTTY, columns });
});

/** Returns the lines that a table prints to a terminal so wide, or to a pipe, without colour. */
function linesOf(given: Report, lang: Lang, width?: number): string[] {
  let printed = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += text;
    return true;
  });
  vi.stubEnv("FORCE_COLOR", "0");
  Object.assign(process.stdout, { isTTY: width !== undefined, columns: width });
  const table = new TableReport(lang);
  table.begin(given);
  for (const finding of given.findings) table.finding(finding);
  table.end(given);
  return printed.split("\n").slice(0, -1);
}

const shown = "CN=<script>alert('1')</script> & \"x\"\\x1b[31m\\x09\\x202e\ud800\uffff\\x0a]]>";

test("in a pipe a finding is a line of four columns, whatever it says", () => {
  expect(linesOf(report, "en")).toEqual([
    "pass\thandshake.version\tTLSv1.3\t",
    `fail\thandshake.peer-name\tit bears ${shown}\task for a certificate of dpi`,
    "pass\tsite.stunnel\t5.74, process 7\t",
    "warn\tcertificates.crl-days\t16 days left\tfetch a new CRL",
    "skip\texchange.acknowledged\tnothing was sent\tgive --exchange",
    "skip\texchange.negative\tnothing was sent\tgive --exchange",
    "to dpi: a message is acknowledged",
    "from dpi: nobody has connected\task the peer to send",
    "2 passed, 1 failed, 1 warning, 2 not judged, in 3.2 s",
  ]);
});

test("on a terminal a finding is told beside its question, with what to do below, under its group", () => {
  expect(linesOf({ ...report, findings: report.findings.slice(2) }, "en", 120).map((line) => line.trimEnd())).toEqual([
    "Check of the link between eai and dpi (dpi.example:32100)",
    "",
    "this site",
    "  ✓ pass  Stunnel runs                                 5.74, process 7",
    "",
    "certificates",
    "  ! warn  the CRLs are in date                         16 days left",
    "          hint: fetch a new CRL",
    "",
    "exchange",
    "  - skip  a message is acknowledged                    nothing was sent",
    "          hint: give --exchange",
    "  - skip  a wrong message is refused                   nothing was sent",
    "          hint: give --exchange",
    "",
    "✓ to dpi: a message is acknowledged",
    "? from dpi: nobody has connected",
    "  hint: ask the peer to send",
    "",
    "1 passed, 0 failed, 1 warning, 2 not judged, in 3.2 s",
  ]);
});

test("in French so are the words, and each status is read without its colour", () => {
  const lines = linesOf(report, "fr", 120);
  expect(lines.filter((line) => /^ {2}\S/.test(line)).map((line) => line.slice(2, 13))).toEqual([
    "✓ conforme ",
    "✗ échec    ",
    "✓ conforme ",
    "! attention",
    "- non jugé ",
    "- non jugé ",
    "à faire : d",
  ]);
  expect(lines.slice(-5)).toEqual([
    "✓ vers dpi : un message est acquitté",
    "? depuis dpi : personne ne s'est connecté",
    "  à faire : demandez au pair d'émettre",
    "",
    "2 conformes, 1 échec, 1 avertissement, 2 non jugés, en 3,2 s",
  ]);
});

test.each([
  ["en", 80],
  ["fr", 80],
  ["en", 50],
  ["fr", 50],
] as const)("in %s on %i columns no line is longer, and every word is there", (lang, width) => {
  const lines = linesOf(report, lang, width);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
  // two columns of wrapped text are read apart, so a text is there when each of its words is
  const words = new Set(lines.join(" ").split(/ +/));
  expect(wordsOf[lang].flatMap((text) => text.split(" ")).filter((word) => !words.has(word))).toEqual([]);
  expect(lines.join("\n")).not.toContain("undefined");
});

test("a long detail goes on under itself, and breaks where a list does", () => {
  const detail = { en: `suites ${"ECDHE-RSA-AES256-GCM-SHA384:".repeat(3)}end`, fr: "" };
  const findings = [{ id: "handshake.suite", status: "pass", detail }] as const;
  const lines = linesOf({ ...report, findings: [...findings] }, "en", 80).slice(3, 7);
  const start = "  ✓ pass  a strong suite is negotiated     ";
  expect(lines).toEqual([
    `${start}suites`,
    ...Array(2).fill(`${" ".repeat(start.length)}ECDHE-RSA-AES256-GCM-SHA384:`),
    `${" ".repeat(start.length)}ECDHE-RSA-AES256-GCM-SHA384:end`,
  ]);
});

test("nothing that another program said acts on the terminal", () => {
  expect(linesOf({ ...report, site: HOSTILE, peerName: HOSTILE }, "en", 200).join("")).not.toMatch(/[\p{Cc}\u202e]/u);
});
