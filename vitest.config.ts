import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { AtTheEnd } from "./test/at-the-end.ts";
import { tellTestcontainers } from "./test/e2e/sandbox/engine.ts";

tellTestcontainers();

/** The files that take longest, which begin first: what is short fills up the time behind them. */
const LONGEST = [
  "every-command-in-the-documents-runs-and-prints-what-they-say",
  "nothing-is-lost-or-doubled-whatever-breaks-under-load",
  "check-fails-exactly-what-it-should-for-every-planted-fault",
  "each-alert-fires-by-its-real-fault-reaches-a-webhook-and-resolves",
  "a-fresh-clone-starts-with-npm-start-and-again-without-work",
  "a-link-refuses-every-faulty-peer-with-the-words-of-the-table",
  "the-bench-is-complete-and-every-message-is-acknowledged-and-stored",
  "another-project-tests-its-own-application-in-the-sandbox",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = LONGEST.findIndex((name) => moduleId.includes(name));
      return index === -1 ? LONGEST.length : index;
    };
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}

export default defineConfig({
  test: {
    // vitest leaves one processor to itself, which of two is half
    maxWorkers: 2,
    reporters: ["default", new AtTheEnd()],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          testTimeout: 10_000,
          isolate: false,
          // a test waits for a disk or a program now and then
          maxWorkers: 3,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/e2e/sandbox/shared.ts"],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          // a sandbox waits as much as it works
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
          // to read Testcontainers anew for each file takes most of a second
          isolate: false,
          // each look costs the start of a program, which may take its time
          expect: { poll: { interval: 200, timeout: 10_000 } },
        },
      },
    ],
  },
});
