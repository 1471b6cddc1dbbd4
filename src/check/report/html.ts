import type { Lang } from "../../languages.ts";
import { STATUSES } from "../finding.ts";
import { QUESTIONS } from "../questions.ts";
import {
  countsText,
  headed,
  LABELS,
  legsOf,
  SIGNS,
  STATUS_MEANINGS,
  STATUS_WORDS,
  secondsText,
  timeText,
  titleOf,
} from "./labels.ts";
import { Markup, markup } from "./markup.ts";
import { hasPassed, type Report } from "./report.ts";
import { factsTable, identities, judged, legs, notJudged, said, table } from "./sections.ts";
import { STYLE } from "./style.ts";
import { countsOf } from "./tally.ts";

/** Returns a report as one page that needs nothing else, to be read on a screen or printed, and filed. */
export function htmlReport(report: Report, lang: Lang): string {
  const title = titleOf(report, lang);
  const sections = [verdict, legs, identities, judged, notJudged, howJudged, signatures];
  return markup`<!DOCTYPE html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p class="lead">${report.peer} · ${timeText(report.time, lang)}</p>
${sections.map((section) => section(report, lang))}</main>
</body>
</html>
`.text;
}

function verdict(report: Report, lang: Lang): Markup {
  const counts = countsOf(report.findings);
  const passed = hasPassed(report);
  const status = passed ? "pass" : "fail";
  return markup`<section class="verdict ${status}">
<p><strong>${SIGNS[status]} ${LABELS[passed ? "passed" : "failed"][lang]}</strong></p>
<p>${countsText(counts, lang)}.</p>
<p>${LABELS[passed ? "nothingFailed" : "somethingFailed"][lang]}</p>
${passed ? undefined : failures(report, lang)}
${counts.skip > 0 ? markup`<p><a href="#not-judged">${LABELS.notPartOfVerdict[lang]}</a></p>` : undefined}
</section>
`;
}

function failures(report: Report, lang: Lang): Markup {
  const stopped = legsOf(report, lang).filter(({ direction, place }) => direction === "to" && place.code !== "works");
  const failed = report.findings.filter(({ status }) => status === "fail");
  return markup`<ul>
${stopped.map(({ name, place }) => markup`<li>${headed(name, place.sentence[lang], lang)}</li>\n`)}${failed.map(
  ({ id }) => markup`<li><a href="#${id}">${QUESTIONS[id][lang]}</a></li>\n`,
)}</ul>`;
}

function howJudged({ site, peer, peerName, time, durationMs }: Report, lang: Lang): Markup {
  return markup`<section>
<h2>${LABELS.howJudged[lang]}</h2>
${factsTable(
  [
    ["date", `${timeText(time, lang)} (${time.toISOString()})`],
    ["duration", secondsText(durationMs, lang)],
    ["site", site ?? LABELS.elsewhere[lang]],
    ["peer", peer],
    ["peerName", peerName],
    ["tool", "mllp-safetunnel, check"],
  ],
  lang,
)}<h3>${LABELS.words[lang]}</h3>
<ul class="words">
${STATUSES.map(
  (status) =>
    markup`<li class="${status}"><span class="sign">${SIGNS[status]} ${STATUS_WORDS[status][lang]}</span> – ${said(STATUS_MEANINGS[status], lang)}</li>\n`,
)}</ul>
</section>
`;
}

const SIGNATURES = 3;

/** Returns what is filled in by hand, for the dossier of a link that is to go live. */
function signatures(_report: Report, lang: Lang): Markup {
  const choices = (["accepted", "acceptedWithReserves", "refused"] as const).map(
    (choice) => markup`<span>☐ ${LABELS[choice][lang]}</span> `,
  );
  const row = markup`<tr><td></td><td></td><td></td><td></td></tr>\n`;
  return markup`<section class="signing">
<h2>${LABELS.signatures[lang]}</h2>
<p class="choices"><b>${LABELS.decision[lang]}</b> ${choices}</p>
<div class="signatures">${table(["name", "role", "date", "signature"], Array(SIGNATURES).fill(row), lang)}</div>
</section>
`;
}
