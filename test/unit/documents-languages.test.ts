import { expect, test } from "vitest";
import { lacksOf, pageNames, pageOf, readPage, twinOf } from "./pages.ts";

/** The pages in one language, and why. */
const ONE_LANGUAGE: Record<string, string> = {
  "CHANGELOG.md": "is read beside the commits, which are in English",
  "CONTRIBUTING.md": "is about the code, whose language is English",
  "SECURITY.md": "is found under this name by the platforms, which know one",
  "docs/performance.md": "has the figures of one machine on one day, for who works on the code",
};

const names = pageNames();
const french = names.filter((name) => name.endsWith(".fr.md"));

test("every page of the README and of docs has a twin, but for those that are named", () => {
  const without = names.filter((name) => !/^(?:\.github|test)\//.test(name) && !names.includes(twinOf(name)));
  expect(without).toEqual(Object.keys(ONE_LANGUAGE));
});

test.each(french)("%s has the headings, blocks, tables and points of its English twin", (name) => {
  expect(lacksOf(readPage(twinOf(name)), readPage(name))).toEqual([]);
});

test.each(french)("%s and its twin lead to each other", (name) => {
  for (const one of [name, twinOf(name)]) {
    expect(readPage(one).links, one).toContain(twinOf(one).split("/").at(-1));
  }
});

const english = pageOf("a.md", "# A\n\n```sh\nsend\n```\n\n```text\nAA\n```\n\n## B\n\n| x |\n| - |\n| 1 |\n");

test("a page that lacks a heading, a block, a row or a point is told, with its name", () => {
  const lacks = (text: string) => lacksOf(english, pageOf("a.fr.md", text));
  const begin = "# Un\n\n```sh\nsend\n```\n\n```text\nAA\n```\n\n";
  expect(lacks(`${begin}## Deux\n\n| x |\n| - |\n| 1 |\n`)).toEqual([]);
  expect(lacks(begin)).toEqual(['a.fr.md lacks the section "B", or has its headings in another order']);
  expect(lacks(`${begin}## Deux\n\n| x |\n| - |\n`)).toEqual(['a.fr.md has tables of 2 rows in "Deux", a.md of 3']);
  expect(lacks(`# Un\n\n## Deux\n\n| x |\n| - |\n| 1 |\n`)).toEqual(['a.fr.md lacks a block in "A"']);
  const other = begin.replace("AA", "AE");
  expect(lacks(`${other}## Deux\n\n| x |\n| - |\n| 1 |\n`)).toEqual(['a.fr.md has another text block in "Un": AE\n']);
  const points = (count: number) => pageOf("a.md", `# A\n\n${"- b\n".repeat(count)}`);
  expect(lacksOf(points(2), points(1))).toEqual(['a.md has 1 points in the lists of "A", a.md has 2']);
  expect(lacksOf(pageOf("a.fr.md", begin), english)[0]).toMatch(/^a\.fr\.md lacks the section "B"/);
});

test("a diagram may be translated, and a command or what it prints may not", () => {
  const page = (name: string, words: string) => pageOf(name, `# A\n\n\`\`\`text\n${words}\n\`\`\`\n`);
  expect(lacksOf(page("a.md", "EAI site"), page("a.fr.md", "Site EAI"))).toEqual([]);
  expect(lacksOf(page("a.md", "TAG=1 docker compose up"), page("a.fr.md", "TAG=2 docker compose up"))).toHaveLength(1);
});
