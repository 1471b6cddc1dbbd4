import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { GROUPS, QUESTIONS } from "../../src/check/questions.ts";
import { brokenLinksOf, pageNames, pageOf, readPage } from "./pages.ts";

const names = pageNames();

test.each(names)("every link of %s leads somewhere, in its own language", (name) => {
  expect(brokenLinksOf(readPage(name))).toEqual([]);
});

test("the pages are reached from the README of their language", () => {
  for (const language of ["", ".fr"]) {
    const readme = `README${language}.md`;
    const linked = readPage(readme).links.map((link) => link.split("#")[0]);
    const pages = names.filter((name) => name.startsWith("docs/") && name.endsWith(".fr.md") === (language !== ""));
    for (const page of pages) expect(linked, `${readme} does not name ${page}`).toContain(page);
  }
});

test.each(names)("every finding that %s names is one of check", (name) => {
  const groups = Object.keys(GROUPS).join("|");
  const named = readFileSync(name, "utf8").matchAll(new RegExp(`\`((?:${groups})\\.[a-z0-9.-]+)\``, "g"));
  for (const [, id = ""] of named) {
    // the group "site" shares its name with files
    if (/\.(?:ts|log|db|db-wal)$/.test(id)) continue;
    expect(Object.keys(QUESTIONS), `${name} names ${id}`).toContain(id);
  }
});

test.each(["docs/going-live.md", "docs/going-live.fr.md"])("%s has a place for every finding of check", (name) => {
  const text = readFileSync(name, "utf8");
  expect(Object.keys(QUESTIONS).filter((id) => !text.includes(`\`${id}\``))).toEqual([]);
});

test("a link to nothing, to no heading, or out of the language is told", () => {
  const broken = (link: string) => brokenLinksOf(pageOf("docs/check.fr.md", `# Là-bas, l'été\n\n[x](${link})\n`));
  expect(broken("nowhere.md")).toEqual(["docs/check.fr.md: nowhere.md is not there"]);
  expect(broken("#ailleurs")).toEqual(["docs/check.fr.md: #ailleurs names no heading"]);
  expect(broken("security.fr.md#ailleurs")).toEqual(["docs/check.fr.md: security.fr.md#ailleurs names no heading"]);
  expect(broken("security.md")).toEqual([
    "docs/check.fr.md: security.md leaves the language, docs/security.fr.md is there",
  ]);
  for (const link of [
    "#là-bas-lété",
    "check.md",
    "../LICENSE",
    "security.fr.md",
    "performance.md",
    "https://x.example",
  ])
    expect(broken(link)).toEqual([]);
});
