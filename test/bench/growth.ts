import { printAside } from "../../src/terminal.ts";
import type { BenchMessage } from "./messages.ts";
import { measure } from "./paths.ts";
import type { Plan } from "./plan.ts";
import { IN_SITE, type Sites } from "./sites.ts";
import { type Spread, spreadOf } from "./statistics.ts";

/** What a message takes while the journal is so long. */
export interface GrowthResult {
  rows: number;
  msPerMessage: Spread;
  /** Of the bare echo in the same rounds. */
  echoMsPerMessage: Spread;
}

/** Measures one connection's messages against the length of the journal that they are stored in. */
export async function measureGrowth(plan: Plan, message: BenchMessage, sites: Sites): Promise<GrowthResult[]> {
  const { rounds, amount } = plan;
  const cell = { message, connections: 1 };
  const both = { normal: sites, full: sites };
  const results: GrowthResult[] = [];
  for (const rows of plan.rows) {
    printAside(`a journal of ${rows.toLocaleString("en-US")} messages`);
    await sites.sandbox.mustExec(message.to, "node", `${IN_SITE}/fill.ts`, String(rows));
    const [stored, echoed]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      stored.push(1000 / (await measure("normal", cell, amount, both)).messagesPerSecond);
      echoed.push(1000 / (await measure("echo", cell, amount, both)).messagesPerSecond);
    }
    results.push({ rows, msPerMessage: spreadOf(stored), echoMsPerMessage: spreadOf(echoed) });
  }
  return results;
}
