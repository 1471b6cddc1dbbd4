import { printAside } from "../../src/terminal.ts";
import { requireWhole } from "./exchanges.ts";
import type { BenchMessage } from "./messages.ts";
import { type Amount, type Cell, measure } from "./paths.ts";
import type { Plan } from "./plan.ts";
import { inSite, SITES, type Sites } from "./sites.ts";
import { type Spread, spreadOf } from "./statistics.ts";

/** What a pair of sites that is watched carries, beside one that is not (WATCH=off). */
export interface WatchingResult {
  message: string;
  connections: number;
  watched: Spread;
  unwatched: Spread;
  /** Messages a second of the watched pair, as a share of the other's in the same round. */
  ratio: Spread;
}

/** Measures what metrics, logs and audit trail cost: the same messages between two pairs of sites, in turns. */
export async function measureWatching(
  plan: Plan,
  messages: BenchMessage[],
  pairs: Record<"watched" | "unwatched", Sites>,
): Promise<WatchingResult[]> {
  using stack = new DisposableStack();
  for (const site of SITES) stack.use(await inSite(pairs.watched.sandbox, site, "scrape.ts"));
  const results: WatchingResult[] = [];
  for (const message of messages)
    for (const connections of plan.watching) results.push(await measureCell(plan, { message, connections }, pairs));
  return results;
}

async function measureCell(plan: Plan, cell: Cell, pairs: Record<"watched" | "unwatched", Sites>) {
  const { message, connections } = cell;
  printAside(`${message.name}, ${connections} connections, with metrics, logs and audit trail and without`);
  const amounts = { watched: plan.amount, unwatched: plan.amount };
  const seen: Record<keyof typeof pairs, number[]> = { watched: [], unwatched: [] };
  for (let round = 0; round <= plan.rounds; round += 1) {
    const order = round % 2 === 0 ? (["watched", "unwatched"] as const) : (["unwatched", "watched"] as const);
    for (const name of order) {
      const both = { normal: pairs[name], full: pairs[name] };
      const measured = await measure("normal", cell, amounts[name], both);
      requireWhole("normal", cell, amounts[name], measured);
      const { messagesPerSecond } = measured;
      if (round > 0) seen[name].push(messagesPerSecond);
      else amounts[name] = amountFor(plan, messagesPerSecond, connections);
    }
  }
  const ratios = seen.watched.map((rate, round) => rate / (seen.unwatched[round] as number));
  const [watched, unwatched, ratio] = [spreadOf(seen.watched), spreadOf(seen.unwatched), spreadOf(ratios)];
  return { message: message.name, connections, watched, unwatched, ratio } satisfies WatchingResult;
}

/** As long as other measurements take, and four times: a few per cent are to be told apart. */
function amountFor({ eachMs }: Plan, messagesPerSecond: number, connections: number): Amount {
  const count = Math.max(connections, Math.round((messagesPerSecond * eachMs * 4) / 1000));
  return { count, warmUp: Math.round(count / 4) };
}
