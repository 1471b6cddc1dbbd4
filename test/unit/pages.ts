import { existsSync, globSync, readFileSync } from "node:fs";
import { showsCommands } from "./page-commands.ts";

/** A page as its readers see it: sections with what stands in them, and the links out of it. */
export interface Page {
  name: string;
  sections: Section[];
  anchors: Set<string>;
  links: string[];
}

interface Section {
  level: number;
  title: string;
  blocks: Block[];
  /** How many rows each table has. */
  tables: number[];
  /** How many points its lists have. */
  points: number;
}

interface Block {
  language: string;
  text: string;
  /** Whether nothing but blank lines lies between it and the block before. */
  followsBlock: boolean;
}

/** Returns every page of the project by its path from the top. */
export function pageNames(): string[] {
  return globSync(["*.md", "docs/**/*.md", ".github/**/*.md", "test/example-project/*.md"]).sort();
}

/** Reads a page of the project. */
export const readPage = (name: string): Page => pageOf(name, readFileSync(name, "utf8"));

/** Takes a page apart. */
export function pageOf(name: string, text: string): Page {
  const sections: Section[] = [sectionOf(0, "")];
  const prose: string[] = [];
  let fence: Block | undefined;
  let afterBlock = false;
  let rows = 0;
  for (const line of text.split("\n")) {
    const section = sections.at(-1) as Section;
    if (fence) {
      if (line === "```") fence = undefined;
      else fence.text += `${line}\n`;
      continue;
    }
    const [, marks, title = ""] = /^(#{1,6}) (.+)$/.exec(line) ?? [];
    const [opening, language = ""] = /^```(.*)$/.exec(line) ?? [];
    if (line.startsWith("|")) rows += 1;
    else if (rows > 0) section.tables.push(rows);
    if (!line.startsWith("|")) rows = 0;
    if (marks) sections.push(sectionOf(marks.length, title));
    else if (opening !== undefined) {
      fence = { language, text: "", followsBlock: afterBlock };
      section.blocks.push(fence);
    } else prose.push(line);
    if (/^\s*(?:- |\d+\. )/.test(line)) section.points += 1;
    if (line.trim() !== "") afterBlock = opening !== undefined;
  }
  if (rows > 0) sections.at(-1)?.tables.push(rows);
  const links = [...prose.join("\n").matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  return { name, sections, anchors: anchorsOf(sections), links };
}

const sectionOf = (level: number, title: string): Section => ({ level, title, blocks: [], tables: [], points: 0 });

/** The anchors that GitHub and GitLab give to headings; a title that comes again gets a number. */
function anchorsOf(sections: Section[]): Set<string> {
  const anchors = new Set<string>();
  for (const { title } of sections) {
    const plain = title.toLowerCase().replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
    const anchor = plain.replace(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-");
    let free = anchor;
    for (let count = 1; anchors.has(free); count += 1) free = `${anchor}-${count}`;
    anchors.add(free);
  }
  return anchors;
}

/** Says what one of two languages of a page has and the other has not. */
export function lacksOf(one: Page, other: Page): string[] {
  const said: string[] = [];
  const count = Math.max(one.sections.length, other.sections.length);
  for (let index = 0; index < count; index += 1) {
    const [here, there] = [one.sections[index], other.sections[index]];
    if (here?.level !== there?.level) {
      const [name, has] = here && here.level >= (there?.level ?? 0) ? [other.name, here] : [one.name, there];
      return [...said, `${name} lacks the section "${has?.title}", or has its headings in another order`];
    }
    if (here && there) said.push(...lacksOfSection(one.name, here, other.name, there));
  }
  return said;
}

function lacksOfSection(one: string, here: Section, other: string, there: Section): string[] {
  const blocks = here.blocks.length === there.blocks.length;
  const less = here.blocks.length < there.blocks.length ? one : other;
  if (!blocks) return [`${less} lacks a block in "${here.title}"`];
  const said = here.blocks.flatMap((block, index) => {
    const twin = there.blocks[index];
    const isSame = block.language === twin?.language && (isTranslated(block) || block.text === twin.text);
    return isSame ? [] : [`${other} has another ${block.language} block in "${there.title}": ${twin?.text}`];
  });
  if (`${here.tables}` !== `${there.tables}`)
    said.push(`${other} has tables of ${there.tables} rows in "${there.title}", ${one} of ${here.tables}`);
  if (here.points !== there.points)
    said.push(`${other} has ${there.points} points in the lists of "${there.title}", ${one} has ${here.points}`);
  return said;
}

/** A diagram has words of its own language; a command, and what it prints, have not. */
const isTranslated = ({ language, followsBlock, text }: Block): boolean =>
  language === "mermaid" || (language === "text" && !followsBlock && !showsCommands(text));

/** The page in the other language. */
export const twinOf = (name: string): string =>
  name.endsWith(".fr.md") ? name.replace(/\.fr\.md$/, ".md") : name.replace(/\.md$/, ".fr.md");

/** Says which links of a page lead nowhere, and which leave its language though the other page has a twin. */
export function brokenLinksOf({ name, links, anchors }: Page, read: (name: string) => Page = readPage): string[] {
  return links.flatMap((link) => {
    if (/^https:\/\//.test(link)) return [];
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? name : new URL(path, `file:///${name}`).pathname.slice(1);
    if (path !== "" && !existsSync(target)) return [`${name}: ${link} is not there`];
    if (anchor !== undefined && !(path === "" ? anchors : read(target).anchors).has(decodeURIComponent(anchor)))
      return [`${name}: ${link} names no heading`];
    const isTwin = target === twinOf(name);
    const leaves = name.endsWith(".fr.md") !== target.endsWith(".fr.md");
    if (target.endsWith(".md") && !isTwin && leaves && existsSync(twinOf(target)))
      return [`${name}: ${link} leaves the language, ${twinOf(target)} is there`];
    return [];
  });
}
