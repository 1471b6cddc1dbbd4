import type { Finding, Status } from "../check/finding.ts";
import { GROUPS, type Group, groupOf, QUESTIONS } from "../check/questions.ts";
import {
  countsText,
  headed,
  LABELS,
  LEG_STATES,
  type Leg,
  legsOf,
  SIGNS,
  STATUS_WORDS,
  secondsText,
  titleOf,
  unitsOf,
} from "../check/report/labels.ts";
import type { Report } from "../check/report/report.ts";
import { countsOf } from "../check/report/tally.ts";
import { visible } from "../hl7/text.ts";
import type { Lang, Text } from "../languages.ts";
import { paint, print } from "../terminal.ts";

const STYLES = { pass: "green", fail: "red", warn: "yellow", skip: "dim" } as const satisfies Record<Status, string>;
const LEG_STYLES = { works: "green", stops: "red", unknown: "yellow" } as const;

const GAP = "  ";
const USUAL_COLUMNS = 80;
/** On a narrower screen what was seen stands below its question, not beside it. */
const LEAST_COLUMNS_BESIDE = 72;
const LEAST_TEXT = 20;

/** Tells findings as they come: a table on a terminal, in a pipe one line a finding, separated by tabs. */
export class TableReport {
  readonly #lang: Lang;
  readonly #isTerminal = process.stdout.isTTY;
  #group: Group | undefined;

  constructor(lang: Lang) {
    this.#lang = lang;
  }

  /** Tells what is checked. */
  begin({ site, peer, peerName }: Pick<Report, "site" | "peer" | "peerName">): void {
    if (!this.#isTerminal) return;
    for (const line of wrap(`${titleOf({ site, peer, peerName }, this.#lang)} (${peer})`, columns()))
      print(paint("bold", line));
  }

  /** Tells a finding, under the heading of its group. */
  finding(finding: Finding): void {
    if (this.#isTerminal) this.#tell(finding);
    else print(tabbed(finding.status, finding.id, finding.detail[this.#lang], finding.hint?.[this.#lang] ?? ""));
  }

  /** Tells where the legs stop, and how many findings are what. */
  end(report: Report): void {
    if (this.#isTerminal) print();
    for (const leg of legsOf(report, this.#lang)) this.#endLeg(leg);
    if (this.#isTerminal) print();
    const within = this.#lang === "fr" ? "en" : "in";
    const counts = countsText(countsOf(report.findings), this.#lang);
    const summary = `${counts}, ${within} ${secondsText(report.durationMs, this.#lang)}`;
    for (const line of this.#isTerminal ? wrap(summary, columns()) : [summary]) print(line);
  }

  #endLeg({ name, place, state }: Leg): void {
    const sentence = headed(name, place.sentence[this.#lang], this.#lang);
    const hint = place.hint?.[this.#lang];
    if (!this.#isTerminal) {
      print(hint ? tabbed(sentence, hint) : tabbed(sentence));
      return;
    }
    const [first = "", ...others] = wrap(sentence, roomFor(GAP));
    print(`${paint(LEG_STYLES[state], LEG_STATES[state].sign)} ${first}`);
    for (const line of others) print(GAP + line);
    if (hint) this.#tellHint(hint, GAP);
  }

  #tell({ id, status, detail, hint }: Finding): void {
    const lang = this.#lang;
    const group = groupOf(id);
    if (group !== this.#group) print(`\n${paint("bold", GROUPS[group][lang])}`);
    this.#group = group;
    const word = `${SIGNS[status]} ${STATUS_WORDS[status][lang].padEnd(longest(Object.values(STATUS_WORDS), lang))}`;
    const margin = " ".repeat(GAP.length + word.length + GAP.length);
    for (const [at, line] of rowOf(QUESTIONS[id][lang], detail[lang], roomFor(margin), lang).entries())
      print((at === 0 ? GAP + paint(STYLES[status], word) + GAP : margin) + line);
    if (status !== "pass" && hint) this.#tellHint(hint[lang], margin);
  }

  #tellHint(hint: string, margin: string): void {
    const label = LABELS.hint[this.#lang];
    const [first = "", ...others] = wrap(`${label} ${hint}`, roomFor(margin + GAP));
    print(margin + paint("yellow", label) + first.slice(label.length));
    for (const line of others) print(margin + GAP + line);
  }
}

/** Returns a question and what was seen beside each other, or below each other where there is no room for two. */
function rowOf(question: string, detail: string, room: number, lang: Lang): string[] {
  if (columns() < LEAST_COLUMNS_BESIDE)
    return [...wrap(question, room), ...wrap(detail, room - GAP.length).map((line) => GAP + line)];
  const width = Math.min(longest(Object.values(QUESTIONS), lang), Math.floor(room * 0.45));
  const left = wrap(question, width);
  const right = wrap(detail, room - width - GAP.length);
  return Array.from({ length: Math.max(left.length, right.length) }, (_, at) =>
    `${(left[at] ?? "").padEnd(width)}${GAP}${right[at] ?? ""}`.trimEnd(),
  );
}

/** Breaks text into lines at its spaces, and within a word where that alone is longer than a line. */
function wrap(text: string, width: number): string[] {
  const room = Math.max(width, LEAST_TEXT);
  const pieces = new RegExp(`.{1,${room}}$|.{1,${room - 1}}[:,/]|.{1,${room}}`, "gu");
  const lines: string[] = [];
  for (const word of unitsOf(visible(text))) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= room) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(...(word.match(pieces) ?? []));
  }
  return lines;
}

const columns = (): number => process.stdout.columns || USUAL_COLUMNS;
const roomFor = (margin: string): number => columns() - margin.length;
const longest = (texts: Text[], lang: Lang): number => Math.max(...texts.map((text) => text[lang].length));
const tabbed = (...cells: string[]): string => cells.map(visible).join("\t");
