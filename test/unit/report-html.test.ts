import { expect, test } from "vitest";
import { htmlReport } from "../../src/check/report/html.ts";
import { SIGNS, STATUS_WORDS } from "../../src/check/report/labels.ts";
import { LANGS } from "../../src/languages.ts";
import { type Element, elementsOf } from "./elements.ts";
import { HOSTILE, passed, report, stopped, wordsOf } from "./report-kit.ts";

/** Returns what a reader sees of a page, without markup or style. */
const seenIn = (page: string): string =>
  page
    .replace(/<style>.*<\/style>/s, "")
    .replace(/<\/?(?:span|strong|b)\b[^>]*>/g, "")
    .replace(/<[^>]*>/g, "\n")
    .replace(/&(\w+|#39);/g, (_, name) => ({ lt: "<", gt: ">", amp: "&", quot: '"' })[name as string] ?? "'");

const within = (element: Element | undefined, name: string): boolean =>
  element !== undefined && (element.name === name || within(element.parent, name));

test.each(LANGS)("everything is on the page in %s, each finding once, and nothing is undefined", (lang) => {
  const page = htmlReport({ ...report, site: undefined }, lang);
  const elements = elementsOf(page);
  const seen = seenIn(page);
  expect(elements[0]).toMatchObject({ name: "html", attributes: { lang } });
  expect(wordsOf[lang].filter((text) => !seen.includes(text))).toEqual([]);
  for (const { id, status } of report.findings) {
    const rows = elements.filter(({ attributes }) => attributes.id === id);
    expect(rows.map(({ attributes }) => attributes.class)).toEqual([status]);
  }
  expect(page).not.toMatch(/undefined|NaN|\[object/);
});

test.each(LANGS)("a status is read without its colour in %s", (lang) => {
  const seen = seenIn(htmlReport(report, lang));
  for (const status of ["pass", "fail", "warn"] as const)
    expect(seen).toMatch(`\n${SIGNS[status]} ${STATUS_WORDS[status][lang]}\n`);
  for (const [what, given] of Object.entries({ fail: report, pass: passed } as const))
    expect(seenIn(htmlReport(given, lang))).toContain(
      { en: { pass: "✓ Passed", fail: "✗ Failed" }, fr: { pass: "✓ Conforme", fail: "✗ Non conforme" } }[lang][
        what as "pass" | "fail"
      ],
    );
});

test("the verdict comes first, and names what failed", () => {
  const headings = /The legs|Identities|What was judged|What was not judged, and why|How it was judged|Signatures/;
  const seen = seenIn(htmlReport(report, "en"));
  const verdict = seen.slice(0, seen.search(headings));
  expect(verdict).toContain("2 passed, 1 failed, 1 warning, 2 not judged.");
  expect(verdict).toContain("the peer bears the name we expect");
  expect(seenIn(htmlReport(stopped, "en"))).toMatch(/✗ Failed[\s\S]*to dpi: nobody listens[\s\S]*The legs/);
});

test("certificates are told apart by all that identifies them, and how long they last", () => {
  const seen = seenIn(htmlReport(report, "en"));
  for (const text of ["CN=eai", "CN=sandbox CA", "own, localhost", "472A725C1FC485A2", "08:94:BB:E5:D3:89", "RSA 3072"])
    expect(seen).toContain(text);
  expect(seen).toMatch(/Names\n+none\n/);
  for (const left of ["396 days left", "ended 1 day ago", "1 day left"])
    expect(seen).toContain(`2026-11-21 to 2027-12-23, ${left}\n`);
  for (const left of ["encore 396 jours", "expiré depuis 1 jour", "encore 1 jour"])
    expect(seenIn(htmlReport(report, "fr"))).toContain(`du 2026-11-21 au 2027-12-23, ${left}\n`);
});

test("no word of another program becomes markup, and the page loads nothing", () => {
  const page = htmlReport({ ...report, peerName: HOSTILE, peer: HOSTILE, site: HOSTILE }, "en");
  const elements = elementsOf(page);
  expect(elements.filter(({ name }) => ["script", "link", "img", "iframe", "object"].includes(name))).toEqual([]);
  expect(elements.flatMap(({ attributes }) => Object.keys(attributes).filter((key) => /^on|src/.test(key)))).toEqual(
    [],
  );
  expect(elements.filter(({ attributes }) => attributes.href && !attributes.href.startsWith("#"))).toEqual([]);
  expect(page).not.toMatch(/@import|url\(/);
  expect(seenIn(page)).toContain("CN=<script>alert('1')</script> & \"x\"\\x1b[31m");
});

test("every cell of a table has a head to be read with, and links lead somewhere", () => {
  const elements = elementsOf(htmlReport(report, "en"));
  const heads = elements.filter(({ name }) => name === "th");
  expect(heads.every((head) => head.attributes.scope === (within(head, "thead") ? "col" : "row"))).toBe(true);
  const targets = elements.flatMap(({ attributes: { href } }) => (href ? [href.slice(1)] : []));
  expect(targets).toEqual(["handshake.peer-name", "not-judged"]);
  const ids = elements.flatMap(({ attributes: { id } }) => (id ? [id] : []));
  expect(targets.filter((target) => !ids.includes(target))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
});

test.each([
  ["en", /Decision.*☐ go live[\s\S]*Name\n[\s\S]*Role\n[\s\S]*Date\n[\s\S]*Signature\n/],
  ["fr", /Décision.*☐ mise en service acceptée[\s\S]*Nom\n[\s\S]*Fonction\n[\s\S]*Date\n[\s\S]*Signature\n/],
] as const)("it says how it was judged, and has a place to sign, in %s", (lang, place) => {
  const seen = seenIn(htmlReport(report, lang));
  for (const text of [
    "21 nov",
    "2026-11-21T10:05:32.120Z",
    "dpi.example:32100",
    "mllp-safetunnel",
    lang === "fr" ? "3,2 s" : "3.2 s",
  ])
    expect(seen.toLowerCase()).toContain(text.toLowerCase());
  expect(seen).toMatch(place);
});
