import type { AcknowledgmentCode } from "../hl7/acknowledgment.ts";
import { print, printTable } from "../terminal.ts";

/** A run of several exchanges; `failure` is what ended it early. */
export interface Run {
  wanted: number;
  exchanges: { code: AcknowledgmentCode; durationMs: number; sizeBytes: number }[];
  failure: unknown;
  /** Whether one was acknowledged negatively, also of those that the run does not count. */
  negative: boolean;
  durationMs: number;
  /** What this process has used meanwhile, of all processors together. */
  cpuMs: number;
}

/** Starts to measure a run, and returns what tells how long it has taken, and what of the processors. */
export function startClock() {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { durationMs: performance.now() - startedAt, cpuMs: (user + system) / 1000 };
  };
}

/** Prints what a run came to: counts by acknowledgment code, rates, and the percentiles of the exchange durations. */
export function printSummary(run: Run, json: boolean): void {
  const summary = summarise(run);
  if (json) {
    print(JSON.stringify({ event: "summary", ...summary }));
    return;
  }
  const codes = Object.entries(summary.codes).map(([code, count]) => `${code} ${count}`);
  printTable(
    ["exchanges", "codes", "messages/s", "bytes/s", "p50 ms", "p90 ms", "p99 ms", "max ms"],
    [
      [
        run.failure === undefined ? String(summary.exchanges) : `${summary.exchanges} of ${run.wanted}`,
        codes.join(", ") || "none",
        String(summary.messagesPerSecond),
        String(summary.bytesPerSecond),
        ...[summary.p50Ms, summary.p90Ms, summary.p99Ms, summary.maxMs].map((ms) => ms.toFixed(1)),
      ],
    ],
  );
}

/** Returns the figures of a run; a percentile is the duration that so many of all exchanges do not exceed. */
export function summarise({ exchanges, durationMs, cpuMs }: Pick<Run, "exchanges" | "durationMs" | "cpuMs">) {
  const sorted = exchanges.map((exchange) => exchange.durationMs).sort((a, b) => a - b);
  const percentile = (share: number) => round(sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0);
  const codes: Partial<Record<AcknowledgmentCode, number>> = {};
  for (const { code } of exchanges) codes[code] = (codes[code] ?? 0) + 1;
  const bytes = exchanges.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const perSecond = (amount: number) => Math.round((amount * 1000) / Math.max(durationMs, 1));
  return {
    exchanges: exchanges.length,
    codes,
    durationMs: round(durationMs),
    messagesPerSecond: perSecond(exchanges.length),
    bytesPerSecond: perSecond(bytes),
    p50Ms: percentile(0.5),
    p90Ms: percentile(0.9),
    p99Ms: percentile(0.99),
    p999Ms: percentile(0.999),
    maxMs: percentile(1),
    cpuMs: round(cpuMs),
  };
}

const round = (ms: number) => Math.round(ms * 1000) / 1000;
