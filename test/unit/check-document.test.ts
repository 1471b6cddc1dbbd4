import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { PlaceCode } from "../../src/check/finding.ts";
import { QUESTIONS } from "../../src/check/questions.ts";
import { LANGS } from "../../src/languages.ts";

/** Every code there is: the compiler knows whether one is missing. */
const CODES: Record<PlaceCode, true> = {
  works: true,
  "near-stunnel-down": true,
  "name-not-resolved": true,
  "port-closed": true,
  "packets-dropped": true,
  "peer-not-tls": true,
  "peer-silent": true,
  "peer-refused-us": true,
  "we-refused-peer": true,
  "no-common-protocol": true,
  "peer-is-ourselves": true,
  "application-down": true,
  "application-silent": true,
  "application-negative": true,
  "nobody-came": true,
  unclear: true,
};

const folder = "src/check/place";
const placing = readdirSync(folder)
  .map((file) => readFileSync(`${folder}/${file}`, "utf8"))
  .join("\n");

describe.each(LANGS)("docs/check in %s", (lang) => {
  const rows = readFileSync(`docs/check${lang === "en" ? "" : `.${lang}`}.md`, "utf8")
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .filter((cells) => /^`[a-z]/.test(cells[1] ?? ""))
    .map(([, name = "", ...others]) => [name.slice(1, -1), ...others.slice(0, -1)]);
  const of = (cells: number) => rows.filter(({ length }) => length === cells);

  test("has every question that is asked, in its words and in its order", () => {
    const asked = Object.entries(QUESTIONS).map(([id, question]) => [id, question[lang]]);
    expect(of(5).map(([id, question]) => [id, question])).toEqual(asked);
  });

  test("says of every question what makes it fail or warn", () => {
    for (const [id, , fails, warns, skipped] of of(5)) {
      expect([id, fails, warns]).not.toEqual([id, "–", "–"]);
      expect([id, fails, warns, skipped]).not.toContain("");
    }
  });

  test("has every place, in words that check says", () => {
    const places = of(3).filter(([code = ""]) => code in CODES);
    expect(places.map(([code]) => code)).toEqual(Object.keys(CODES));
    const said = places.flatMap(([, sentence = ""]) => sentence.split(/[…"«»()]+/).map((part) => part.trim()));
    for (const words of said) expect(placing).toContain(words);
  });
});
