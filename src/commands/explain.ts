import { text } from "node:stream/consumers";
import { Command, Option } from "commander";
import type { Meaning } from "../check/dictionary/dictionary.ts";
import { explainLines, rowsOf } from "../check/dictionary/explain.ts";
import { SafeTunnelError } from "../errors.ts";
import { LANGS, type Lang, type Text } from "../languages.ts";
import { paint, print, printAside } from "../terminal.ts";

const help = `
Known are the words of Stunnel, OpenSSL and Node, of either generation. Only the recognised words are printed again,
never the rest of a line. An alert that was read means that the far side refused; why is certain only in its own log.

Exit codes: 0 explained, 1 nothing known in it, 2 wrong usage

Examples:
  $ check explain 'tlsv1 alert internal error'
  $ docker compose logs eai | check explain -
  $ check explain --lang fr 'CERT: Pre-verification error: CRL has expired'`;

/** Says in plain words what a line of a log means, and who refused whom. */
export function explainCommand(): Command {
  return new Command("explain")
    .description("Say in plain words what a line of Stunnel's or OpenSSL's means, and who refused whom.")
    .argument("<line...>", 'a line of a log, from anywhere; "-" reads lines from standard input')
    .addOption(new Option("--lang <lang>", "language of the explanation").choices(LANGS).default("en"))
    .option("--json", "print one JSON document")
    .addHelpText("after", help)
    .action(async (words: string[], _, command: Command) => {
      // "check --json explain" asks for it as well
      const { lang, json } = command.optsWithGlobals<{ lang: Lang; json?: true }>();
      const given = words.join(" ");
      explain(given === "-" ? await text(process.stdin) : given, lang, json === true);
    });
}

function explain(given: string, lang: Lang, json: boolean): void {
  const { known, unknown } = explainLines(given.split("\n"));
  if (known.length === 0)
    throw new SafeTunnelError("nothing-known", "cannot explain it: none of the words in it are known here", {
      hint: 'give the whole line that has "error", "CERT" or "alert" in it, from the log of the side that refused',
    });
  if (json) {
    print(JSON.stringify({ meanings: known.map((meaning) => inOneLang(meaning, lang)), unknown }));
    return;
  }
  print(known.map((meaning) => paragraph(rowsOf(meaning, lang))).join("\n\n"));
  if (unknown > 0) printAside(SKIPPED(unknown)[lang]);
}

const SKIPPED = (count: number): Text => ({
  en: `note: ${count} ${count > 1 ? "lines say" : "line says"} nothing that is known here`,
  fr: `note : ${count} ${count > 1 ? "lignes ne disent" : "ligne ne dit"} rien de connu ici`,
});

const inOneLang = ({ said, causes, refusedBy, plain, next }: Meaning, lang: Lang) => ({
  said,
  causes,
  refusedBy: refusedBy ?? null,
  plain: plain[lang],
  next: next[lang],
});

function paragraph(rows: [string, string][]): string {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, said]) => `${paint("cyan", label.padEnd(width))}  ${said}`).join("\n");
}
