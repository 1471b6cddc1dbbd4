/** Measures what a person waits for: a build, "docker compose up", the first acknowledgments, one "send" by hand. */
import { randomUUID } from "node:crypto";
import { Command } from "commander";
import { numberOption, runCommand } from "../../src/commands/run.ts";
import { print, printAside, printTable } from "../../src/terminal.ts";
import { Sandbox } from "../e2e/sandbox/index.ts";
import { measureBuilds } from "./start-up/builds.ts";
import { type Layer, layersOf } from "./start-up/layers.ts";
import type { Rounds } from "./start-up/rounds.ts";
import { measureSends } from "./start-up/sends.ts";
import { measureStarts } from "./start-up/starts.ts";
import { spreadOf } from "./statistics.ts";

interface StartUpOptions {
  rounds: number;
  clean?: true;
  json?: true;
}

const TAG = "bench";

const EXAMPLES = `
Examples:
  npm run bench:start                    five rounds, about two minutes
  npm run bench:start -- --clean         a build from nothing too, which downloads every package again

Exit codes: 0 measured, 1 failed, 2 wrong usage.`;

const command = new Command("bench:start")
  .description("Measure builds, starts, one send by hand, and the layers of an image; times are milliseconds.")
  .option("--rounds <n>", "rounds of everything", numberOption("--rounds", 1, 1000), 5)
  .option("--clean", "build from nothing as well")
  .option("--json", "print one JSON document")
  .addHelpText("after", EXAMPLES)
  .action(bench);

async function bench({ rounds, clean, json }: StartUpOptions): Promise<void> {
  const rows: Rounds = new Map();
  const environment = { TAG, EAI_TLS_PORT: "0", DPI_TLS_PORT: "0", LOG_FORMAT: "json" };
  const sandbox = new Sandbox(`safetunnel-bench-${randomUUID().slice(0, 8)}`, environment);
  await using _ = { [Symbol.asyncDispose]: async () => void (await sandbox.compose(["down", "--volumes"])) };
  printAside("building");
  await measureBuilds(rows, { tag: TAG, rounds, clean: clean === true });
  let warnings = 0;
  for (let round = 1; round <= rounds; round += 1) {
    printAside(`round ${round} of ${rounds}`);
    warnings += await measureStarts(rows, sandbox);
    await measureSends(rows, sandbox);
    await sandbox.mustCompose("down", "--volumes");
  }
  const layers = await layersOf(`mllp-safetunnel/eai:${TAG}`);
  if (json) print(JSON.stringify({ rounds, timesMs: Object.fromEntries(rows), warnings, layers }));
  else printAll(rows, warnings, layers);
}

function printAll(rows: Rounds, warnings: number, layers: Layer[]): void {
  const figure = (ms: number) => String(Math.round(ms));
  printTable(
    ["ms", "median", "least", "most"],
    [...rows].map(([what, ms]) => {
      const { median, least, most } = spreadOf(ms);
      return [what, ...[median, least, most].map(figure)];
    }),
  );
  print(`\nwarnings and errors in the logs before the first acknowledgments: ${warnings}\n`);
  const sized = [
    ...layers,
    { what: "the image", sizeBytes: layers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) },
  ];
  printTable(
    ["MB", "layer"],
    sized.map(({ what, sizeBytes }) => [(sizeBytes / 1e6).toFixed(1), what]),
  );
}

await runCommand(command);
