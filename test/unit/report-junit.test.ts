import { expect, test } from "vitest";
import { junitReport } from "../../src/check/report/junit.ts";
import type { Report } from "../../src/check/report/report.ts";
import { LANGS } from "../../src/languages.ts";
import { elementsOf } from "./elements.ts";
import { passed, report, stopped, wordsOf } from "./report-kit.ts";

const named = (given: Report, name: string, lang: "en" | "fr" = "en") =>
  elementsOf(junitReport(given, lang)).filter((element) => element.name === name);

test("groups are suites with their counts, in the order of the questions", () => {
  const [whole] = named(report, "testsuites");
  expect(whole?.attributes).toEqual({ name: "check", tests: "8", failures: "1", errors: "0", time: "3.240" });
  const suite = (name: string, tests: string, failures: string, skipped: string) => ({
    ...{ name: `check.${name}`, tests, failures, errors: "0", skipped },
    timestamp: "2026-11-21T10:05:32",
  });
  expect(named(report, "testsuite").map(({ attributes }) => attributes)).toEqual([
    suite("legs", "2", "0", "0"),
    suite("site", "1", "0", "0"),
    suite("certificates", "1", "0", "0"),
    suite("handshake", "2", "1", "0"),
    suite("exchange", "2", "0", "2"),
  ]);
});

test("each finding is a case of its group, and what came of it is told as JUnit has it", () => {
  const cases = elementsOf(junitReport(report, "en")).filter(({ parent }) => parent?.name === "testcase");
  expect(cases.map(({ name, parent, text, attributes }) => [parent?.attributes, name, text, attributes])).toEqual([
    [{ classname: "check.legs", name: "legs.to" }, "system-out", "a message is acknowledged", {}],
    [
      { classname: "check.legs", name: "legs.from" },
      "system-out",
      "warning: nobody has connected\nhint: ask the peer to send",
      {},
    ],
    [{ classname: "check.site", name: "site.stunnel" }, "system-out", "5.74, process 7", {}],
    [
      { classname: "check.certificates", name: "certificates.crl-days" },
      "system-out",
      "warning: 16 days left\nhint: fetch a new CRL",
      {},
    ],
    [{ classname: "check.handshake", name: "handshake.version" }, "system-out", "TLSv1.3", {}],
    [
      { classname: "check.handshake", name: "handshake.peer-name" },
      "failure",
      expect.stringMatching(/^it bears CN=<script>.*\nhint: ask for a certificate of dpi$/),
      { type: "fail", message: expect.stringMatching(/^the peer bears the name we expect: it bears CN=<script>/) },
    ],
    [
      { classname: "check.exchange", name: "exchange.acknowledged" },
      "skipped",
      "nothing was sent\nhint: give --exchange",
      { message: "a message is acknowledged: nothing was sent" },
    ],
    [
      { classname: "check.exchange", name: "exchange.negative" },
      "skipped",
      "nothing was sent\nhint: give --exchange",
      { message: "a wrong message is refused: nothing was sent" },
    ],
  ]);
});

test("another program's words are written out where XML has no way to hold them", () => {
  const [failure] = named(report, "failure");
  expect(failure?.text).toContain(`<script>alert('1')</script> & "x"\\x1b[31m\\x09\\x202e\ufffd\ufffd\\x0a]]>`);
});

test("properties tell the link, the verdict and the legs", () => {
  expect(named(report, "property").map(({ attributes }) => [attributes.name, attributes.value])).toEqual([
    ["site", "eai"],
    ["peer", "dpi.example:32100"],
    ["peerName", "dpi"],
    ["time", "2026-11-21T10:05:32.120Z"],
    ["verdict", "fail"],
    ["legs.to", "works: a message is acknowledged"],
    ["legs.from", "nobody-came: nobody has connected"],
  ]);
});

test.each([
  ["nothing failed", passed, 0],
  ["the leg to the peer does not work, whatever the findings say", stopped, 1],
])("a build is as the command ends: %s", (_when, given, failures) => {
  expect(named(given, "failure")).toHaveLength(failures);
  expect(named(given, "testsuites")[0]?.attributes.failures).toBe(String(failures));
});

test.each(LANGS)("everything is in it in %s, and nothing is undefined", (lang) => {
  const document = junitReport({ ...report, site: undefined }, lang);
  const words = elementsOf(document).map(({ text, attributes }) => [text, ...Object.values(attributes)].join("\n"));
  const told = words.join("\n");
  const questionsOfPasses = ["handshake.version", "site.stunnel", "certificates.crl-days"].length;
  expect(wordsOf[lang].filter((text) => !told.includes(text))).toHaveLength(questionsOfPasses);
  expect(document).not.toContain("undefined");
});
