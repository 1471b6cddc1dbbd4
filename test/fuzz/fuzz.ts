/** Sends a listener whatever bytes there are, for a time, and holds what it answers and stores against a model. */
import { randomInt } from "node:crypto";
import { SingleBar } from "cli-progress";
import { Command } from "commander";
import { numberOption, periodOption, runCommand } from "../../src/commands/run.ts";
import { stopSignal } from "../../src/commands/stop.ts";
import { SafeTunnelError } from "../../src/errors.ts";
import { ExitCode, print, printAside, printError } from "../../src/terminal.ts";
import { printReport, readPlan, writePlan } from "./report.ts";
import { Run, replay } from "./run.ts";

interface FuzzOptions {
  seed: number;
  time: number;
  replay?: string;
  answer?: string;
  json?: true;
}

const MAX_SEED = 2 ** 31 - 1;
const LINE_EVERY_MS = 10_000;

const EXAMPLES = `
Examples:
  npm run fuzz                              a minute with a seed of its own
  npm run fuzz -- --seed 7 --time 5m        the same inputs in the same order, for five minutes
  npm run fuzz -- --replay /tmp/…/seed-7.json   what was wrong once more

Exit codes: 0 nothing was wrong, 1 something was, 2 wrong usage.`;

const command = new Command("fuzz")
  .description("Send any bytes to a listener of DPI and see that it tells the truth, stays up, and keeps its memory.")
  .option("--seed <n>", "what the inputs are generated from", numberOption("--seed", 0, MAX_SEED), randomInt(MAX_SEED))
  .option("--time <duration>", "how long to go on", periodOption("--time"), 60_000)
  .option("--replay <file>", "send what a run has written to a file where something was wrong")
  .option("--answer <how>", 'let the listener misbehave, to see it found: "twice every 20"')
  .option("--json", "print one JSON document a line")
  .addHelpText("after", EXAMPLES)
  .action((options: FuzzOptions) => (options.replay ? again(options.replay, options.answer) : fuzz(options)));

async function fuzz({ seed, time, answer, json }: FuzzOptions): Promise<void> {
  const misbehaving = answer ? ` --answer "${answer}"` : "";
  const repeat = `npm run fuzz -- --seed ${seed} --time ${time}ms${misbehaving}`;
  if (json) print(JSON.stringify({ event: "start", seed, repeat }));
  else print(`seed ${seed}, for ${time / 1000} s; the same again: ${repeat}`);
  const progress = progressOf(time, json === true);
  const run = new Run({ seed, timeMs: time, answer, stop: stopSignal(), onBatch: progress.update });
  const { report, plan } = await run.report().finally(progress.end);
  const file = plan && report.wrong !== null ? writePlan(plan, { seed, wrong: report.wrong }) : null;
  if (json) print(JSON.stringify({ event: "report", ...report, file, repeat }));
  else printReport(report);
  if (report.wrong === null) return;
  const shows = report.seenAgain ? `npm run fuzz -- --replay ${file}${misbehaving}` : repeat;
  const sent = file === null || report.seenAgain ? "" : `; what was sent last is in ${file}`;
  fail(`with seed ${seed}: ${report.wrong}`, `see it again with ${shows}${sent}`);
}

async function again(file: string, answer: string | undefined): Promise<void> {
  const wrong = await replay(readPlan(file), answer);
  if (wrong) fail(wrong, "read it beside the file; what is due is what test/fuzz/model.ts says");
  else print("nothing was wrong");
}

function fail(what: string, hint: string): void {
  printError(new SafeTunnelError("malformed-acknowledgment", what, { hint }));
  process.exitCode = ExitCode.failed;
}

function progressOf(timeMs: number, json: boolean): { update: (inputs: number, ms: number) => void; end: () => void } {
  if (json) return { update: () => {}, end: () => {} };
  if (process.stderr.isTTY) {
    const bar = new SingleBar({ format: "fuzzing {bar} {inputs} inputs | {eta_formatted} left" });
    bar.start(timeMs, 0, { inputs: 0 });
    return { update: (inputs, ms) => bar.update(Math.min(timeMs, ms), { inputs }), end: () => bar.stop() };
  }
  let nextMs = LINE_EVERY_MS;
  const update = (inputs: number, ms: number) => {
    if (ms < nextMs) return;
    nextMs += LINE_EVERY_MS;
    printAside(`${inputs} inputs in ${Math.round(ms / 1000)} s`);
  };
  return { update, end: () => {} };
}

await runCommand(command);
