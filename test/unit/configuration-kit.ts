import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { judgeConfiguration } from "../../src/check/configuration/configuration.ts";
import type { Finding, Status } from "../../src/check/finding.ts";
import { type FindingId, QUESTIONS } from "../../src/check/questions.ts";
import { parseConf } from "../../src/site/stunnel-conf.ts";

export const delivered = readFileSync("eai/stunnel.conf", "utf8");
// whether Stunnel has read it does not show in the file
export const ids = Object.keys(QUESTIONS).filter(
  (id) => id.startsWith("configuration.") && id !== "configuration.loaded",
);

export const judge = (text: string): Finding[] => judgeConfiguration(parseConf(text, "stunnel.conf"));

/** What is not as it should be once lines of the delivered file are others; "" takes one out. */
export function changed(...changes: [line: string, by: string][]): Finding[] {
  const text = changes.reduce((all, [line, by]) => {
    expect(all).toContain(`\n${line}\n`);
    return all.replaceAll(`\n${line}\n`, `\n${by}\n`);
  }, delivered);
  return judge(text).filter(({ status }) => status !== "pass");
}

/** Asserts that one finding is all that is wrong, with these words of it. */
export function only(findings: Finding[], id: string, status: Status, detail: string, hint: string): void {
  expect(findings.map((finding) => [finding.id, finding.status])).toEqual([[`configuration.${id}`, status]]);
  expect(findings[0]?.detail.en).toContain(detail);
  expect(findings[0]?.hint?.en).toContain(hint);
  // French is told the same lines
  for (const line of hint.match(/\w+ = [^"]+/g) ?? []) expect(findings[0]?.hint?.fr).toContain(line);
}

export const found = (id: FindingId, text: string) => judge(text).find((finding) => finding.id === id);
export const CIPHERS = /^ciphers = .*$/m.exec(delivered)?.[0] ?? "";
export const CHECK: [string, string] = ["checkHost = dpi", ""];
export const KEEPALIVE = ["l", "r"].map((side) => `socket = ${side}:SO_KEEPALIVE=1`);

/** A question, how bad it is, lines and what they are instead, and what is said of that. */
type Wrong = [string, Status, [string, string][], string, string];

/** Tests that each change is told, and nothing else. */
export const testWrong = (rows: Wrong[]) =>
  describe("one line is wrong:", () => {
    test.each(rows)("%s is a %s with %j", (id, status, changes, detail, hint) => {
      only(changed(...changes), id, status, detail, hint);
    });
  });

/** A question, lines and what they are instead, and what is said of that in English and in French. */
type Passing = [string, [string, string][], string, string];

/** Tests that each change passes all questions. */
export const testPasses = (rows: Passing[]) =>
  describe("another spelling passes:", () => {
    test.each(rows)("%s with %j", (id, changes, en, fr) => {
      expect(changed(...changes)).toEqual([]);
      const text = changes.reduce((all, [line, by]) => all.replaceAll(`\n${line}\n`, `\n${by}\n`), delivered);
      const { detail } = found(`configuration.${id}` as FindingId, text) ?? {};
      expect(detail?.en).toContain(en);
      expect(detail?.fr).toContain(fr);
    });
  });
