import { expect, test } from "vitest";
import { GROUPS, groupOf, QUESTIONS } from "../../src/check/questions.ts";
import { LANGS } from "../../src/languages.ts";

const questions = Object.entries(QUESTIONS) as [keyof typeof QUESTIONS, Record<(typeof LANGS)[number], string>][];

test.each(LANGS)("every question is asked in %s, once, and fits in its column", (lang) => {
  const texts = questions.map(([, text]) => text[lang]);
  expect(texts.filter((text) => !/^\S(?:.{0,48}\S)?$/.test(text))).toEqual([]);
  expect(new Set(texts).size).toBe(texts.length);
});

test("every question has a group, and every group questions", () => {
  expect([...new Set(questions.map(([id]) => groupOf(id)))]).toEqual(Object.keys(GROUPS));
});
