import type { BenchMessage } from "./messages.ts";
import type { Sites } from "./sites.ts";
import { type Spread, spreadOf } from "./statistics.ts";

/** Starts a process, and with it a connection and a handshake, for each message; returns how many a second that makes. */
export async function measureProcesses(message: BenchMessage, rounds: number, count: number, { sandbox }: Sites) {
  const line = `begun=$EPOCHREALTIME
    for _ in $(seq ${count}); do send ${message.file} --json > /dev/null || exit; done
    echo $begun $EPOCHREALTIME`;
  const rates: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const [begun = 0, ended = 0] = (await sandbox.shell(message.from, line)).trim().split(" ").map(Number);
    rates.push(count / (ended - begun));
  }
  return spreadOf(rates) satisfies Spread;
}
