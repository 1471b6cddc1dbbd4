import type { Lang } from "../../languages.ts";
import type { Finding, Place } from "../finding.ts";
import { groupOf, QUESTIONS } from "../questions.ts";
import { hasPassed, type Report } from "./report.ts";
import { countsOf } from "./tally.ts";

/** Returns a report as one JSON document; its keys, codes and ids are the same in every language. */
export function jsonReport(report: Report, lang: Lang): string {
  const { site, peer, peerName, time, durationMs, legs, identities, findings } = report;
  const document = {
    version: 1,
    site: site ?? null,
    peer,
    peerName,
    time: time.toISOString(),
    durationMs,
    verdict: hasPassed(report) ? "pass" : "fail",
    counts: countsOf(findings),
    legs: { to: placed(legs.to, lang), from: legs.from && placed(legs.from, lang) },
    identities: identities.map(({ role, facts }) => ({ role, ...facts })),
    findings: findings.map((finding) => found(finding, lang)),
  };
  return JSON.stringify(document, null, 2);
}

function placed({ code, sentence, hint }: Place, lang: Lang) {
  return { code, sentence: sentence[lang], hint: hint?.[lang] };
}

function found({ id, status, detail, hint }: Finding, lang: Lang) {
  return { id, group: groupOf(id), question: QUESTIONS[id][lang], status, detail: detail[lang], hint: hint?.[lang] };
}
