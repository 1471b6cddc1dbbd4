import { SafeTunnelError } from "../../src/errors.ts";
import { printAside } from "../../src/terminal.ts";
import type { BenchMessage } from "./messages.ts";
import { type Amount, type Cell, isEcho, type Measured, measure, PATHS, type PathName, PROCESSES } from "./paths.ts";
import type { Plan } from "./plan.ts";
import type { Sites } from "./sites.ts";
import { type Spread, spreadOf } from "./statistics.ts";

/** What the rounds of one cell came to along one way. */
interface PathResult {
  messagesPerSecond: Spread;
  p50Ms: Spread;
  p99Ms: Spread;
  p999Ms: Spread;
  /** Messages a second, as a share of the echo's in the same round. */
  ratioToEcho: Spread;
  cpuMsPerMessage: Record<(typeof PROCESSES)[number], number>;
  messages: number;
  acknowledged: number;
  stored: number;
}

export interface CellResult {
  message: string;
  sizeBytes: number;
  connections: number;
  paths: Record<PathName, PathResult>;
}

const NAMES = Object.keys(PATHS) as PathName[];
const PILOT: Amount = { count: 40, warmUp: 10 };
const MOST = 50_000;
const WARM_UP = 2500;

/** Measures every cell along every way, one after another within each round, so that all meet the same machine. */
export async function measureExchanges(plan: Plan, all: BenchMessage[], sites: Record<"normal" | "full", Sites>) {
  const messages = all.filter(({ name }) => plan.messages.includes(name));
  const results: CellResult[] = [];
  // one message after another: the journals are then full of those that come, as those of a link are
  for (const message of messages) results.push(...(await measureMessage(plan, message, sites)));
  return results;
}

async function measureMessage(plan: Plan, message: BenchMessage, sites: Record<"normal" | "full", Sites>) {
  const { rounds, eachMs } = plan;
  const cells = plan.connections.map((connections) => ({ message, connections }));
  const runs = cells.flatMap((cell) => NAMES.map((path) => ({ cell, path, amount: PILOT, rounds: [] as Measured[] })));
  for (let round = 0; round <= rounds; round += 1) {
    printAside(
      `${message.name}: ${round === 0 ? "a first round, which does not count" : `round ${round} of ${rounds}`}`,
    );
    // another order each time: what one leaves behind must not always meet the same next one
    for (const at of runs.keys()) {
      const run = runs[(at + round * 7) % runs.length] as (typeof runs)[number];
      const measured = await measure(run.path, run.cell, run.amount, sites);
      requireWhole(run.path, run.cell, run.amount, measured);
      if (round > 0) run.rounds.push(measured);
      else run.amount = amountFor((measured.messagesPerSecond * eachMs) / 1000, run.cell.connections);
    }
  }
  return cells.map((cell) => resultOf(cell, runs));
}

function amountFor(messages: number, connections: number): Amount {
  const count = Math.min(MOST, Math.max(10 * connections, Math.round(messages)));
  // a process that has just started runs its own code slowly: how long it does so is not what is asked for
  return { count, warmUp: Math.max(connections, Math.min(4 * count, WARM_UP)) };
}

/** Throws where a message was not acknowledged, or not stored: a figure of it would be worth nothing. */
export function requireWhole(path: PathName, { message }: Cell, { count, warmUp }: Amount, measured: Measured): void {
  const wanted = isEcho(path) ? 0 : count + warmUp;
  if (measured.codes.AA === count && measured.stored === wanted) return;
  const seen = `${measured.codes.AA ?? 0} acknowledged, ${measured.stored} stored`;
  throw new SafeTunnelError("messages-lost", `${path}, ${message.name}: of ${count} messages ${seen}`, {
    hint: "nothing else may send to these sites: stop what does, and start the bench again",
  });
}

function resultOf(cell: Cell, runs: { cell: Cell; path: PathName; amount: Amount; rounds: Measured[] }[]): CellResult {
  const { message, connections } = cell;
  const own = runs.filter((run) => run.cell === cell);
  const echo = own.find(({ path }) => path === "echo")?.rounds ?? [];
  const paths = own.map(({ path, amount, rounds }) => {
    const of = (name: "messagesPerSecond" | "p50Ms" | "p99Ms" | "p999Ms") => spreadOf(rounds.map((one) => one[name]));
    const sum = (value: (one: Measured) => number) => rounds.reduce((total, one) => total + value(one), 0);
    const ratios = rounds.map((one, round) => one.messagesPerSecond / (echo[round]?.messagesPerSecond ?? 1));
    const cpu = PROCESSES.map((name) => [name, spreadOf(rounds.map((one) => one.cpuMsPerMessage[name])).median]);
    const result: PathResult = {
      messagesPerSecond: of("messagesPerSecond"),
      p50Ms: of("p50Ms"),
      p99Ms: of("p99Ms"),
      p999Ms: of("p999Ms"),
      ratioToEcho: spreadOf(ratios),
      cpuMsPerMessage: Object.fromEntries(cpu),
      messages: rounds.length * (amount.count + amount.warmUp),
      acknowledged: sum((one) => one.exchanges) + rounds.length * amount.warmUp,
      stored: sum((one) => one.stored),
    };
    return [path, result] as const;
  });
  return {
    message: message.name,
    sizeBytes: message.sizeBytes,
    connections,
    paths: Object.fromEntries(paths) as Record<PathName, PathResult>,
  };
}
