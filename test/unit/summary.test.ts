import { expect, test } from "vitest";
import { summarise } from "../../src/commands/summary.ts";

const exchange = (durationMs: number, code: "AA" | "AE" = "AA") => ({ code, durationMs, sizeBytes: 1000 });

test("counts, rates and percentiles are those of the run", () => {
  const exchanges = Array.from({ length: 99 }, (_, index) => exchange(index + 1));
  const summary = summarise({ exchanges: [...exchanges, exchange(500, "AE")], durationMs: 2000, cpuMs: 12.3456 });
  expect(summary).toEqual({
    exchanges: 100,
    codes: { AA: 99, AE: 1 },
    durationMs: 2000,
    messagesPerSecond: 50,
    bytesPerSecond: 50_000,
    p50Ms: 50,
    p90Ms: 90,
    p99Ms: 99,
    p999Ms: 500,
    maxMs: 500,
    cpuMs: 12.346,
  });
});

test("a run without an exchange has figures too, and none of them is false", () => {
  expect(summarise({ exchanges: [], durationMs: 0, cpuMs: 0 })).toMatchObject({ exchanges: 0, codes: {}, p99Ms: 0 });
});
