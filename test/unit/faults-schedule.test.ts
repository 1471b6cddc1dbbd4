import fc from "fast-check";
import { expect, test } from "vitest";
import { sayStep, scheduleOf } from "../e2e/faults/schedule.ts";

const said = (seed: number) => scheduleOf(seed).map(sayStep);
const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

test("a seed gives one schedule, and another seed another", () => {
  expect(said(1)).toEqual(said(1));
  expect(said(1)).not.toEqual(said(2));
});

test("whatever the seed, each site meets each fault once, and the clock goes ahead, behind, and right again", () => {
  const sites = ["kill", "kill-stunnel", "kill-node", "network", "address", "silence"];
  const once = [...sites.flatMap((kind) => [`${kind} dpi`, `${kind} eai`]), "stop dpi"];
  const clock = ["clock+1h dpi", "clock-1h dpi", "clock+0h dpi"];
  fc.assert(
    fc.property(seeds, (seed) => {
      const steps = scheduleOf(seed).map(({ kind, site }) => `${kind} ${site}`);
      expect(steps.filter((step) => step.startsWith("clock"))).toEqual(clock);
      expect(steps.filter((step) => !step.startsWith("clock")).sort()).toEqual(once.sort());
    }),
  );
});

test("whatever the seed, a fault lasts 1 to 4 s, a stop a minute with a kill well within", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      for (const { kind, holdMs, killAfterMs } of scheduleOf(seed)) {
        if (kind === "stop") expect(holdMs).toBe(60_000);
        else expect(holdMs >= 1000 && holdMs <= 4000).toBe(true);
        expect(killAfterMs >= 5000 && killAfterMs <= 45_000).toBe(true);
      }
    }),
  );
});

test("every fault comes first for some seed", () => {
  const first = new Set(
    Array.from({ length: 500 }, (_, seed) =>
      sayStep(scheduleOf(seed)[0] as never)
        .split(" ", 2)
        .join(),
    ),
  );
  expect(first.size).toBe(14);
});
