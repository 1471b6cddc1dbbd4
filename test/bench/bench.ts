/** Measures what the product costs on top of its tunnels, and writes it where a person can look at it. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { durationOption, numberOption, runCommand } from "../../src/commands/run.ts";
import { print, printAside } from "../../src/terminal.ts";
import { tellTestcontainers } from "../e2e/sandbox/engine.ts";
import buildImages from "../e2e/sandbox/images.ts";
import { ROOT } from "../e2e/sandbox/index.ts";
import { measureExchanges } from "./exchanges.ts";
import { machineOf } from "./machine.ts";
import { writeMessages } from "./messages.ts";
import { startSites } from "./sites.ts";
import { printResults, type Results } from "./table.ts";

interface BenchOptions {
  rounds: number;
  seconds: number;
  connections: number[];
  messages: string[];
  smoke?: true;
  json?: true;
}

/** So many messages of 1 MB fit on most disks, and the journal is full from the first round on. */
const JOURNAL_KEEP = 1000;

async function bench(options: BenchOptions): Promise<void> {
  tellTestcontainers();
  await using stack = new AsyncDisposableStack();
  printAside("building the images and starting the sites");
  await buildImages();
  const folder = stack.use(await writeMessages());
  const start = async (sync: "normal" | "full") => stack.use(await startSites(sync, folder.path, JOURNAL_KEEP));
  const sites = { normal: await start("normal"), full: await start("full") };
  const machine = await machineOf(sites.normal.sandbox);
  const exchanges = await measureExchanges(
    {
      messages: folder.messages.filter(
        ({ name }) => !options.messages[0] || options.messages.some((w) => name.includes(w)),
      ),
      connections: options.connections,
      rounds: options.rounds,
      secondsEach: options.seconds / 1000,
      onRound: (round, of) => printAside(round === 0 ? "a first round that does not count" : `round ${round} of ${of}`),
    },
    sites,
  );
  const results: Results = { startedAt: new Date().toISOString(), machine, rounds: options.rounds, exchanges };
  const path = join(ROOT, "bench-results");
  await mkdir(path, { recursive: true });
  await writeFile(join(path, "bench.json"), JSON.stringify(results, undefined, 2));
  if (options.json) print(JSON.stringify(results));
  else printResults(results);
}

const list = (text: string) => text.split(",");

const command = new Command("bench")
  .description("Measure what the product costs on top of its tunnels.")
  .option("--rounds <n>", "rounds", numberOption("--rounds", 1, 1000), 7)
  .option("--seconds <duration>", "how long each measurement takes", durationOption("--seconds"), 1000)
  .option("--connections <list>", "e", (text) => list(text).map(Number), [1, 4, 16])
  .option("--messages <words>", "only the messages with one of these words in their name", list, [])
  .option("--json", "print one JSON document")
  .action(bench);

await runCommand(command);
