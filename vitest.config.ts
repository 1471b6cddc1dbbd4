import { defineConfig } from "vitest/config";
import { tellTestcontainers } from "./test/e2e/sandbox/engine.ts";

tellTestcontainers();

const shared = "test/e2e/sandbox/shared.ts";
/** A half of the suite's time, in sandboxes of their own: they run beside the others (test/e2e/run.sh). */
const beside = [
  "nothing-is-lost-or-doubled-whatever-breaks-under-load",
  "check-fails-exactly-what-it-should-for-every-planted-fault",
  "every-command-in-the-documents-runs-and-prints-what-they-say",
  "a-broken-new-pair-is-refused-and-the-old-one-goes-on",
].map((name) => `test/e2e/${name}.test.ts`);
// the containers of one file are enough for two cores
const endToEnd = { fileParallelism: false, testTimeout: 180_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    // vitest leaves one processor to itself, which of two is half
    maxWorkers: 2,
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 10_000, isolate: false } },
      {
        test: {
          ...endToEnd,
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          exclude: beside,
          globalSetup: [shared],
        },
      },
      { test: { ...endToEnd, name: "beside", include: beside, globalSetup: ["test/e2e/sandbox/images.ts"] } },
    ],
  },
});
