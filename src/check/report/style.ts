/** The style sheet of a report: for a screen, light or dark, and for A4 in black and white. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #fff; --soft: #595959; --line: #b8b8b8; --shade: #f3f3f3;
  --pass: #14692f; --fail: #b3001e; --warn: #8a4b00; --skip: #4d4d4d; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ececec; --paper: #16181b; --soft: #b0b0b0; --line: #55595e; --shade: #22262a;
    --pass: #7ddc98; --fail: #ff8d96; --warn: #f5bd6b; --skip: #c4c4c4; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem 3rem; max-width: 62rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.45 system-ui, "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; padding-bottom: .2rem; border-bottom: 2px solid var(--ink); }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
h3::first-letter, .question::first-letter { text-transform: uppercase; }
p, ul { margin: .3rem 0; }
ul { padding-left: 1.3rem; }
a { color: inherit; }
.lead { margin: 0 0 1rem; color: var(--soft); }
.verdict { margin: 1rem 0; padding: .7rem 1rem; border: 3px solid var(--sign); border-left-width: 12px; }
.verdict strong { font-size: 1.5rem; color: var(--sign); }
table { width: 100%; border-collapse: collapse; margin: .3rem 0 .8rem; table-layout: fixed; }
caption { text-align: left; font-weight: bold; padding: .3rem 0; }
th, td { border: 1px solid var(--line); padding: .3rem .5rem; text-align: left; vertical-align: top;
  overflow-wrap: break-word; }
thead th, .facts th { background: var(--shade); }
tbody th { font-weight: normal; }
.of-leg, .of-date { width: 9rem; }
.of-state { width: 11rem; }
.of-status { width: 7.8rem; }
.of-question { width: 35%; }
.facts th { width: 10.5rem; }
.sign { color: var(--sign); font-weight: bold; }
.action { margin-top: .25rem; padding-left: .6rem; border-left: 3px solid var(--sign); }
.id { display: block; color: var(--soft); font-size: .8rem; overflow-wrap: anywhere; }
.question { display: block; }
.whole { white-space: nowrap; }
.mono { font-family: ui-monospace, "DejaVu Sans Mono", Consolas, monospace; font-size: .8em; overflow-wrap: anywhere; }
.pass, .works { --sign: var(--pass); }
.fail, .stops { --sign: var(--fail); }
.warn, .unknown { --sign: var(--warn); }
.skip { --sign: var(--skip); }
.signatures td { height: 3.2rem; }
.choices span { white-space: nowrap; margin-left: 1.5rem; }
.words { list-style: none; padding: 0; }
@media screen and (max-width: 40rem) {
  body { padding: 1rem .75rem; font-size: .9rem; }
  .of-leg, .of-state, .of-status { width: 24%; }
  .facts th { width: 32%; }
  th, td { padding: .25rem .3rem; }
}
@page { size: A4; margin: 15mm 13mm; }
@media print {
  :root { color-scheme: light; font-size: 9pt; --ink: #000; --paper: #fff; --soft: #333; --line: #777; --shade: #eee;
    --pass: #000; --fail: #000; --warn: #000; --skip: #333; }
  body { padding: 0; max-width: none; }
  h1, h2, h3, caption { break-after: avoid; }
  tr, .verdict, .facts, .signing { break-inside: avoid; }
  a { text-decoration: none; }
}
`;
