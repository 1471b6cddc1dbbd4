/** Measures what the product costs on top of its tunnels, and writes it where a person can look at it. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command, Option } from "commander";
import { numberOption, runCommand } from "../../src/commands/run.ts";
import { print, printAside, printTable } from "../../src/terminal.ts";
import { tellTestcontainers } from "../e2e/sandbox/engine.ts";
import { buildImages } from "../e2e/sandbox/images.ts";
import { ROOT } from "../e2e/sandbox/index.ts";
import { type CellResult, measureExchanges } from "./exchanges.ts";
import { type GrowthResult, measureGrowth } from "./growth.ts";
import { type Machine, machineOf } from "./machine.ts";
import { type MemoryResult, measureMemory } from "./memory.ts";
import { NAMES, writeMessages } from "./messages.ts";
import { FULL, PARTS, type Part, type Plan, SMOKE } from "./plan.ts";
import { plotOf } from "./plot.ts";
import { measureProcesses } from "./processes.ts";
import { startSites } from "./sites.ts";
import type { Spread } from "./statistics.ts";
import { pageOf, tablesOf } from "./tables.ts";
import { measureWatching, type WatchingResult } from "./watching.ts";

/** All that a bench has found out. */
export interface Results {
  startedAt: string;
  machine: Machine;
  plan: Plan;
  exchanges: CellResult[];
  /** Messages a second where each one has a process and a handshake of its own. */
  processes?: Spread;
  memory: MemoryResult[];
  growth: GrowthResult[];
  watching: WatchingResult[];
}

interface BenchOptions extends Partial<Pick<Plan, "rounds" | "eachMs" | "connections" | "messages">> {
  only?: Part[];
  smoke?: true;
  json?: true;
  out: string;
}

async function bench({ only, smoke, json, out, ...wanted }: BenchOptions): Promise<void> {
  const plan = { ...(smoke ? SMOKE : FULL), ...wanted };
  const results = await measureAll(plan, only ?? [...PARTS]);
  await mkdir(out, { recursive: true });
  await writeFile(join(out, "bench.json"), `${JSON.stringify(results, undefined, 2)}\n`);
  await writeFile(join(out, "bench.svg"), plotOf(results));
  const tables = tablesOf(results);
  await writeFile(join(out, "bench.md"), pageOf(results, tables));
  if (json) print(JSON.stringify(results));
  else
    for (const { title, head, rows } of tables) {
      print(`\n${title}`);
      printTable(head, rows);
    }
  printAside(`bench.md, bench.json and bench.svg, to be looked at in a browser, are in ${out}`);
}

async function measureAll(plan: Plan, parts: Part[]): Promise<Results> {
  tellTestcontainers();
  const startedAt = new Date().toISOString();
  await using stack = new AsyncDisposableStack();
  printAside("building the images and starting the sites");
  await buildImages();
  const folder = stack.use(await writeMessages());
  const start = async (sync: "normal" | "full", keep: number) => stack.use(await startSites(sync, folder.path, keep));
  const [normal, full] = await Promise.all([start("normal", plan.journalKeep), start("full", plan.journalKeep)]);
  const sites = { normal, full };
  const results: Results = {
    ...{ startedAt, machine: await machineOf(sites.normal.sandbox), plan },
    ...{ exchanges: [], memory: [], growth: [], watching: [] },
  };
  const named = (name: string) => folder.messages.filter((message) => message.name === name);
  if (parts.includes("exchanges")) results.exchanges = await measureExchanges(plan, folder.messages, sites);
  for (const message of parts.includes("processes") ? named("ADT 1 KB") : []) {
    printAside("a process and a handshake for each message");
    results.processes = await measureProcesses(message, plan.rounds, plan.processes, sites.normal);
  }
  if (parts.includes("memory")) {
    // sites that have seen nothing before; what others left in memory is not asked for
    const fresh = plan.ownSites ? await start("normal", plan.journalKeep) : sites.normal;
    for (const { message, ...load } of plan.memory) {
      printAside(`memory: ${load.name}`);
      for (const one of named(message)) results.memory.push(...(await measureMemory({ ...load, message: one }, fresh)));
    }
  }
  for (const message of parts.includes("growth") ? named("ADT 1 KB") : []) {
    const longest = Math.max(...plan.rows);
    const own = plan.ownSites ? await start("normal", longest * 2) : sites.normal;
    results.growth = await measureGrowth(plan, message, own);
  }
  if (parts.includes("watching")) {
    const { path, messages } = folder;
    const unwatched = stack.use(await startSites("normal", path, plan.journalKeep, "off"));
    const chosen = messages.filter(({ name }) => plan.messages.includes(name));
    results.watching = await measureWatching(plan, chosen, { watched: sites.normal, unwatched });
  }
  return results;
}

const command = new Command("bench")
  .description("Measure what send and listen cost on top of a bare echo through the same tunnels.")
  .option("--rounds <n>", "rounds, of which medians are taken (default: 7)", numberOption("--rounds", 1, 1000))
  .option("--each-ms <n>", "how long one measurement is to take (default: 600)", numberOption("--each-ms", 1, 60_000))
  .option("--connections <list>", "how many connections at once (default: 1,4,16)", (text) =>
    text.split(",").map(numberOption("--connections", 1, 1000)),
  )
  .addOption(new Option("--messages <names...>", "only these messages").choices(NAMES))
  .addOption(new Option("--only <parts...>", "only these parts").choices(PARTS))
  .option("--smoke", "a little of everything, to see that it works: the figures mean nothing")
  .option("--json", "print one JSON document")
  .option("--out <folder>", "where the results are written", join(ROOT, "bench-results"))
  .action(bench);

await runCommand(command);
