import { Command } from "commander";
import { linesOf, trailDirectory, trailFiles } from "../audit/files.ts";
import { type Verified, verifyTrail } from "../audit/verify.ts";
import { SafeTunnelError } from "../errors.ts";
import { visible } from "../hl7/text.ts";
import { readSettings } from "../settings.ts";
import { paint, print, printTable } from "../terminal.ts";
import { numberOption } from "./run.ts";

const EXAMPLES = `
Examples:
  audit show              who connected, what came and went, and what became of it: the newest last
  audit show --json       the records as they are in the files, one a line
  audit verify            whether each record is as it was written, and none is missing between two

The trail holds references (control ID, number in the journal), and nothing of a patient.`;

/** The command that shows and verifies the audit trail of a site. */
export function auditCommand(): Command {
  return new Command("audit")
    .description("Show who connected to this site, what came and went, and whether nobody changed that since.")
    .addHelpText("after", EXAMPLES)
    .addCommand(
      new Command("show")
        .description("Show records, the newest last.")
        .option("--last <n>", "how many to show", numberOption("--last", 1), 20)
        .option("--json", "print them as they are in the files, one a line")
        .action(show),
    )
    .addCommand(
      new Command("verify")
        .description("Follow the chain of hashes through all records; the first one that does not fit is named.")
        .option("--json", "print one JSON document")
        .action(verify),
    );
}

interface Shown {
  sequence: number;
  time: string;
  event: string;
  outcome: number;
  [fact: string]: unknown;
}

const OUTCOMES: Record<number, string> = {
  0: "success",
  4: "failure, may be tried again",
  8: "failure",
  12: "not possible",
};

async function show({ last, json }: { last: number; json?: true }): Promise<void> {
  const lines = lastLines(trailDirectory((await readSettings()).dataDir), last);
  if (json) {
    for (const line of lines) print(line);
    return;
  }
  const rows = lines.map((line) => rowOf(JSON.parse(line) as Shown));
  printTable(["#", "time", "event", "outcome", "who", "what"], rows);
}

/** Returns the last whole records, the newest last. */
function lastLines(directory: string, count: number): string[] {
  let lines: string[] = [];
  for (const name of trailFiles(directory).reverse()) {
    // what stands behind the last line end is being written
    lines = [...linesOf(directory, name).slice(0, -1), ...lines].slice(-count);
    if (lines.length === count) break;
  }
  return lines;
}

function rowOf(record: Shown): string[] {
  const { sequence, time, event, outcome } = record;
  const words = (...names: string[]) => names.flatMap((name) => (record[name] ? [visible(String(record[name]))] : []));
  const { journalId, repeatOf, refusedBy, recovered } = record;
  const more = [
    journalId && `#${journalId}`,
    repeatOf && `again, as #${repeatOf}`,
    recovered && "recovered",
    refusedBy && `refused ${refusedBy}`,
  ].filter(Boolean);
  const what = words("type", "controlId", "code", "error", "cause", "reason", "why", "what").join(" ");
  return [
    String(sequence),
    new Date(time).toLocaleString("sv-SE"),
    event,
    paint(outcome === 0 ? "green" : "red", OUTCOMES[outcome] ?? String(outcome)),
    words("subject", "address").join(" at "),
    [what, ...more].join(", "),
  ];
}

async function verify({ json }: { json?: true }): Promise<void> {
  const verified = verifyTrail(trailDirectory((await readSettings()).dataDir));
  if (json) print(JSON.stringify(verified));
  const { broken } = verified;
  if (broken)
    throw new SafeTunnelError("trail-broken", `${broken.file}, line ${broken.line}: ${broken.why}`, {
      hint: `up to record ${verified.last.sequence} nothing was changed; compare the rest with a copy kept elsewhere`,
    });
  if (!json) print(story(verified));
}

function story({ files, records, first, last }: Verified): string {
  if (records === 0) return "no record yet";
  const which = `records ${first} to ${last.sequence} in ${files} ${files === 1 ? "file" : "files"}`;
  return `${which}: each is as it was written, none is missing; the last hash is ${last.hash}`;
}
