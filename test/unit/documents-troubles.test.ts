import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const PARTS = {
  "docs/troubleshooting.md": ["You see", "It means", "Make sure", "Do"],
  "docs/troubleshooting.fr.md": ["Vous voyez", "Cela veut dire", "Assurez-vous", "Faites"],
};

/** Returns the troubles of a page that its table leads to, and says which part each lacks. */
function troublesOf(text: string, parts: string[]): { title: string; lacks: string[] }[] {
  const [head = "", ...sections] = text.split(/^## /m);
  const rows = head.split("\n").filter((line) => /^\|.*\]\(#/.test(line));
  return sections.slice(0, rows.length).map((section, index) => {
    const title = section.split("\n")[0] ?? "";
    const anchor = title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, "")
      .replaceAll(" ", "-");
    const lacks = parts.filter((part) => !section.includes(`**${part}`));
    return { title, lacks: rows[index]?.includes(`(#${anchor})`) ? lacks : [...lacks, "its row in the table"] };
  });
}

test.each(Object.entries(PARTS))(
  "%s has the twelve usual troubles, each with what to see, to think, to ask and to do",
  (page, parts) => {
    const troubles = troublesOf(readFileSync(page, "utf8"), parts);
    expect(troubles).toHaveLength(12);
    expect(troubles.filter(({ lacks }) => lacks.length > 0)).toEqual([]);
  },
);

test("a trouble without its row, or without a part, is told", () => {
  const page = "# T\n\n| [one](#one) |\n| [other](#other) |\n\n## One\n\n**You see** a\n\n## Two\n\n**Do** b\n";
  expect(troublesOf(page, ["You see", "Do"])).toEqual([
    { title: "One", lacks: ["Do"] },
    { title: "Two", lacks: ["You see", "its row in the table"] },
  ]);
});
