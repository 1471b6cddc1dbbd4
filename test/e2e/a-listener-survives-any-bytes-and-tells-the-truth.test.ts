import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { run } from "./sandbox/run.ts";

const fuzz = async (...options: string[]) => {
  const { code, stdout, stderr } = await run("npm", ["run", "-s", "fuzz", "--", ...options]);
  return { code, stdout, stderr };
};

/** Returns how a short run ended, and its report. */
async function fuzzShortly(...options: string[]) {
  const { code, stdout, stderr } = await fuzz("--seed", "1", "--time", "10s", "--json", ...options);
  const [start, report] = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  return { code, stderr, start, report };
}

test("ten seconds of any bytes: nothing is wrong, and every kind of answer was seen", async () => {
  const { code, stderr, start, report } = await fuzzShortly();
  expect({ code, stderr, wrong: report.wrong }).toEqual({ code: 0, stderr: "", wrong: null });
  expect(start).toMatchObject({ event: "start", seed: 1, repeat: "npm run fuzz -- --seed 1 --time 10000ms" });
  const { acknowledgments, refusals, memory } = report;
  expect(Object.keys(acknowledgments)).toEqual(expect.arrayContaining(["AA", "AE", "AR", "CA", "CE"]));
  expect(Object.keys(refusals)).toEqual(expect.arrayContaining(["100", "101", "102", "103", "200", "205", "207"]));
  // how many there are is for the machine to say: five seconds of one that is busy had 150
  for (const count of ["inputs", "connections", "frames"]) expect(report[count]).toBeGreaterThan(100);
  for (const count of ["stored", "repeats"]) expect(report[count]).toBeGreaterThan(10);
  expect(memory.lastBytes).toBeGreaterThan(10_000_000);
});

test("a listener that acknowledges twice is found, and what was sent for it finds it again", async () => {
  const { code, stderr, report } = await fuzzShortly("--answer", "twice");
  expect(code).toBe(1);
  expect(report.wrong).toMatch(/^\d+ acknowledgments are due, and \d+ came back: /);
  expect(stderr).toBe(
    `error: with seed 1: ${report.wrong}\n` +
      `hint: see it again with npm run fuzz -- --replay ${report.file} --answer "twice"\n`,
  );
  expect((await fuzz("--replay", report.file, "--answer", "twice")).code).toBe(1);
  expect(await fuzz("--replay", report.file)).toEqual({ code: 0, stdout: "nothing was wrong\n", stderr: "" });
  rmSync(dirname(report.file), { recursive: true });
});
