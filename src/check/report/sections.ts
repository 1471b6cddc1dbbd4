import { dayOf } from "../../../stunnel/inspect.ts";
import type { Lang, Text } from "../../languages.ts";
import type { Finding } from "../finding.ts";
import { GROUPS, QUESTIONS } from "../questions.ts";
import { LABELS, LEG_STATES, legsOf, ROLES, SIGNS, STATUS_WORDS, unitsOf, validityText } from "./labels.ts";
import { type Markup, markup } from "./markup.ts";
import type { Identity, Report } from "./report.ts";
import { inGroups } from "./tally.ts";

/** Returns how each leg is, and what to do where it does not work. */
export function legs(report: Report, lang: Lang): Markup {
  const rows = legsOf(report, lang).map(
    ({ name, place, state }) => markup`<tr class="${state}"><th scope="row">${name}</th>
<td class="sign">${LEG_STATES[state].sign} ${LEG_STATES[state].word[lang]}</td>
<td>${said(place.sentence, lang)}${action(place.hint, lang)}</td></tr>
`,
  );
  return markup`<section>
<h2>${LABELS.legs[lang]}</h2>
${table(["leg", "state", "seen"], rows, lang)}
</section>
`;
}

/** Returns the certificates that played a part, by what identifies them. */
export function identities(report: Report, lang: Lang): Markup {
  const none = markup`<p>${LABELS.noIdentity[lang]}</p>`;
  return markup`<section>
<h2>${LABELS.identities[lang]}</h2>
${report.identities.length > 0 ? report.identities.map((identity) => identityTable(identity, lang)) : none}
</section>
`;
}

function identityTable({ role, facts }: Identity, lang: Lang): Markup {
  return factsTable(
    [
      ["subject", facts.subject],
      ["issuer", facts.issuer],
      ["names", facts.names.join(", ") || LABELS.none[lang]],
      ["serial", mono(facts.serial)],
      ["fingerprint", mono(facts.fingerprint256)],
      ["validity", validityText(dayOf(facts.from), dayOf(facts.ends), facts.daysLeft, lang)],
      ["key", `${facts.key}, ${LABELS.signedWith[lang]} ${facts.signature}`],
    ],
    lang,
    ROLES[role],
  );
}

/** Returns what was judged, under its groups. */
export function judged(report: Report, lang: Lang): Markup {
  const groups = inGroups(report.findings.filter(({ status }) => status !== "skip"));
  return markup`<section>
<h2>${LABELS.findings[lang]}</h2>
${groups.map(
  ({ group, findings }) => markup`<h3>${GROUPS[group][lang]}</h3>
${table(
  ["status", "question", "seen"],
  findings.map((finding) => findingRow(finding, lang)),
  lang,
)}
`,
)}</section>
`;
}

function findingRow({ id, status, detail, hint }: Finding, lang: Lang): Markup {
  return markup`<tr class="${status}" id="${id}"><td class="sign">${SIGNS[status]} ${STATUS_WORDS[status][lang]}</td>
<th scope="row">${question(id, lang)}</th>
<td>${said(detail, lang)}${action(hint, lang)}</td></tr>
`;
}

/** Returns what was not judged, why, and what that would take. */
export function notJudged(report: Report, lang: Lang): Markup {
  const rows = inGroups(report.findings.filter(({ status }) => status === "skip"))
    .flatMap(({ findings }) => findings)
    .map(
      ({ id, detail, hint }) => markup`<tr class="skip" id="${id}"><th scope="row">${question(id, lang)}</th>
<td>${said(detail, lang)}</td><td>${hint && said(hint, lang)}</td></tr>
`,
    );
  return markup`<section id="not-judged">
<h2>${LABELS.notJudged[lang]}</h2>
${rows.length > 0 ? table(["question", "why", "itTakes"], rows, lang) : markup`<p>${LABELS.allJudged[lang]}</p>`}
</section>
`;
}

/** Returns a table of names and values, whose rows have the names for their heads. */
export function factsTable(rows: [keyof typeof LABELS, string | Markup][], lang: Lang, caption?: Text): Markup {
  return markup`<table class="facts">${caption && markup`<caption>${caption[lang]}</caption>`}<tbody>
${rows.map(([name, value]) => markup`<tr><th scope="row">${LABELS[name][lang]}</th><td>${value}</td></tr>\n`)}</tbody></table>
`;
}

/** Returns a table whose columns bear labels; a column takes its width from the label's name. */
export function table(columns: (keyof typeof LABELS)[], rows: Markup[], lang: Lang): Markup {
  return markup`<table><thead><tr>${columns.map(
    (column) => markup`<th scope="col" class="of-${column}">${LABELS[column][lang]}</th>`,
  )}</tr></thead><tbody>
${rows}</tbody></table>`;
}

const question = (id: Finding["id"], lang: Lang): Markup =>
  markup`<span class="question">${QUESTIONS[id][lang]}</span><span class="id">${id}</span>`;

const action = (hint: Text | undefined, lang: Lang): Markup | undefined =>
  hint && markup`<div class="action"><b>${LABELS.nextAction[lang]}</b> ${said(hint, lang)}</div>`;

const mono = (text: string): Markup => markup`<span class="mono">${text}</span>`;

const MOST_WHOLE = 30;

/** Returns a text as markup, in which a date, an option or a quotation mark stays on its line. */
export const said = (text: Text, lang: Lang): Markup[] =>
  unitsOf(text[lang]).map((unit, at) => {
    const whole = /[- ]/.test(unit) && unit.length <= MOST_WHOLE;
    return markup`${at > 0 ? " " : undefined}${whole ? markup`<span class="whole">${unit}</span>` : unit}`;
  });
