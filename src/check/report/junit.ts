import type { Lang } from "../../languages.ts";
import type { Finding, PlaceCode } from "../finding.ts";
import { QUESTIONS } from "../questions.ts";
import { headed, LABELS, legsOf } from "./labels.ts";
import { type Markup, markup } from "./markup.ts";
import { hasPassed, type Report } from "./report.ts";
import { inGroups } from "./tally.ts";

interface Case extends Pick<Finding, "status"> {
  name: string;
  question: string;
  detail: string;
  hint: string | undefined;
}

interface LegCase extends Case {
  code: PlaceCode;
}

/**
 * Returns a report as JUnit XML for Jenkins and GitLab. The legs are cases too, so that a build is red whenever the
 * command fails.
 */
export function junitReport(report: Report, lang: Lang): string {
  const legs = legCases(report, lang);
  const suites = inGroups(report.findings).map(({ group, findings }) => ({
    name: `check.${group}`,
    cases: findings.map((finding) => caseOf(finding, lang)),
  }));
  const cases = [legs, ...suites.map((suite) => suite.cases)].flat();
  const failures = countOf(cases, "fail");
  const seconds = (report.durationMs / 1000).toFixed(3);
  return markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="check" tests="${cases.length}" failures="${failures}" errors="0" time="${seconds}">${[
    suiteXml("check.legs", legs, report, lang, propertiesXml(report, lang)),
    ...suites.map((suite) => suiteXml(suite.name, suite.cases, report, lang)),
  ]}
</testsuites>
`.text;
}

/** As hasPassed has it: the leg to the peer has to work, the one from the peer may not have been seen. */
function legCases(report: Report, lang: Lang): LegCase[] {
  return legsOf(report, lang).map(({ direction, name, place: { code, sentence, hint } }) => ({
    name: `legs.${direction}`,
    code,
    question: name,
    status: code === "works" ? "pass" : direction === "to" ? "fail" : "warn",
    detail: sentence[lang],
    hint: hint?.[lang],
  }));
}

function caseOf({ id, status, detail, hint }: Finding, lang: Lang): Case {
  return { name: id, question: QUESTIONS[id][lang], status, detail: detail[lang], hint: hint?.[lang] };
}

const countOf = (cases: Case[], status: Finding["status"]): number =>
  cases.filter((one) => one.status === status).length;

function suiteXml(name: string, cases: Case[], { time }: Report, lang: Lang, properties?: Markup): Markup {
  const [failures, skipped] = [countOf(cases, "fail"), countOf(cases, "skip")];
  // without a zone, as the schemas have it; UTC as in the properties
  const timestamp = time.toISOString().slice(0, 19);
  return markup`
  <testsuite name="${name}" tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}" timestamp="${timestamp}">${properties}${cases.map((one) => caseXml(name, one, lang))}
  </testsuite>`;
}

function caseXml(suite: string, { name, status, question, detail, hint }: Case, lang: Lang): Markup {
  const told = markup`${detail}${hint && markup`\n${LABELS.hint[lang]} ${hint}`}`;
  const message = headed(question, detail, lang);
  const outcome = {
    pass: () => markup`<system-out>${told}</system-out>`,
    warn: () => markup`<system-out>${LABELS.warning[lang]} ${told}</system-out>`,
    // GitLab shows the text, Jenkins the message as well
    fail: () => markup`<failure type="fail" message="${message}">${told}</failure>`,
    skip: () => markup`<skipped message="${message}">${told}</skipped>`,
  }[status]();
  return markup`
    <testcase classname="${suite}" name="${name}">${outcome}</testcase>`;
}

function propertiesXml(report: Report, lang: Lang): Markup {
  const { site, peer, peerName, time } = report;
  const properties = {
    ...(site === undefined ? {} : { site }),
    peer,
    peerName,
    time: time.toISOString(),
    verdict: hasPassed(report) ? "pass" : "fail",
    ...Object.fromEntries(legCases(report, lang).map(({ name, code, detail }) => [name, `${code}: ${detail}`])),
  };
  return markup`
    <properties>${Object.entries(properties).map(
      ([name, value]) => markup`
      <property name="${name}" value="${value}"/>`,
    )}
    </properties>`;
}
