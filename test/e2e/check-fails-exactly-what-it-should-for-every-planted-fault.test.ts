import { expect, test } from "vitest";
import { showTable } from "./sandbox/index.ts";
import { APPLICATIONS } from "./truth/applications.ts";
import { Bench, type Outcome } from "./truth/bench.ts";
import { OWN_CONFIGURATION, PEERS_CONFIGURATION } from "./truth/configurations.ts";
import { DELIVERED, MENDED } from "./truth/delivered.ts";
import { OWN_IDENTITY, PEERS_IDENTITY } from "./truth/identities.ts";
import { cellsOf, cellsSeen, matrixOf } from "./truth/matrix.ts";
import { FILES, PATHS } from "./truth/paths.ts";

const FAULTS = [
  ...DELIVERED,
  ...APPLICATIONS,
  ...OWN_CONFIGURATION,
  ...PEERS_CONFIGURATION,
  ...PEERS_IDENTITY,
  ...OWN_IDENTITY,
  ...PATHS,
  ...FILES,
];
/** A check works as much as it waits. */
const BENCHES = 2;
const LIMIT_MS = 15_000;
/** What the sites' own messages say of a patient and a doctor. */
const PATIENT = /PAT-TROIS|DOMINIQUE|MARIE-LOUISE|279035121518989|Breteuil|DOMPREMY|R[ée]ault|801234567897/i;

/** The identities of the lab say themselves what is wrong with them. */
const unmarked = (sentence = ""): string => sentence.replace(/OU=FAULTY [\w-]+/g, "");

test("and names the place where each leg stops", { timeout: 400_000 }, async () => {
  await using scope = new AsyncDisposableStack();
  const waiting = [...FAULTS];
  const outcomes: Outcome[] = [];
  await Promise.all(
    Array.from({ length: BENCHES }, async () => {
      const bench = scope.use(await Bench.start());
      for (let fault = waiting.shift(); fault; fault = waiting.shift()) outcomes.push(await bench.ask(fault));
      outcomes.push(await bench.ask(MENDED));
    }),
  );
  const order = [...FAULTS, MENDED];
  outcomes.sort((one, other) => order.indexOf(one.fault) - order.indexOf(other.fault));
  await showTable("faults.md", matrixOf(outcomes));

  expect(outcomes).toHaveLength(FAULTS.length + BENCHES);
  for (const outcome of outcomes) {
    const { fault, text, told } = outcome;
    expect.soft(cellsSeen(outcome)).toEqual(cellsOf(fault));
    if (fault.says) expect.soft(unmarked(told.legs.to.sentence), fault.name).toMatch(fault.says);
    if (fault.saysFrom) expect.soft(unmarked(told.legs.from?.sentence), fault.name).toMatch(fault.saysFrom);
    expect.soft(told.durationMs, fault.name).toBeLessThan(LIMIT_MS);
    expect.soft(text, fault.name).not.toMatch(PATIENT);
    expect.soft(text, fault.name).not.toContain("PRIVATE KEY");
  }
});
