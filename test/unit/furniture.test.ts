import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const workflows = globSync(".github/workflows/*.yml").map((path) => [path, readFileSync(path, "utf8")] as const);
const whole = /@v\d+\.\d+\.\d+$/;

test("CI runs what a contributor runs", () => {
  expect(readFileSync(".ci/run", "utf8").trim().split("\n").at(-1)).toBe("npm test");
  expect(workflows.map(([path]) => path)).toEqual([".github/workflows/test.yml"]);
  for (const [, text] of workflows)
    expect([...text.matchAll(/run: (.+)/g)].map(([, run]) => run)).toEqual(["npm test"]);
});

test.each(workflows)("every action of %s is of one version", (_, text) => {
  const used = [...text.matchAll(/uses: (\S+)/g)].map(([, action]) => action);
  expect(used.length).toBeGreaterThan(1);
  for (const action of used) expect(action).toMatch(whole);
  expect("actions/checkout@v4").not.toMatch(whole);
});

test("the example project asks for the Testcontainers that it is tested with, and is kept up with it", () => {
  const [own, example] = ["package.json", "test/example-project/package.json"].map(
    (path) => (JSON.parse(readFileSync(path, "utf8")) as { devDependencies: Record<string, string> }).devDependencies,
  );
  expect(example).toEqual({ testcontainers: own?.testcontainers });
  const folders = [...readFileSync(".github/dependabot.yml", "utf8").matchAll(/^ {6}- (\/\S*)$/gm)];
  expect(folders.map(([, folder]) => folder)).toEqual(["/", "/test/example-project"]);
});

test("what is released has an address", () => {
  const lacks = (text: string) => /^softwareVersion:/m.test(text) && /^url: .*\.invalid\//m.test(text);
  const text = readFileSync("publiccode.yml", "utf8");
  expect(lacks(text)).toBe(false);
  // before the first release nobody can know it
  expect(lacks(`${text}softwareVersion: 1.0.0\nurl: https://a.invalid/b.git\n`)).toBe(true);
});

test("publiccode.yml has the licence of package.json, and descriptions of the length that its standard wants", () => {
  const text = readFileSync("publiccode.yml", "utf8");
  const { license } = JSON.parse(readFileSync("package.json", "utf8")) as { license: string };
  expect(text).toContain(`license: ${license}\n`);
  const short = [...text.matchAll(/shortDescription: (.+)/g)].map(([, words = ""]) => words.length);
  const long = [...text.matchAll(/longDescription: >\n((?: {6}.+\n)+)/g)].map(([, words = ""]) => words.length);
  expect([short.length, long.length]).toEqual([2, 2]);
  expect(Math.max(...short)).toBeLessThanOrEqual(150);
  expect(Math.min(...long)).toBeGreaterThanOrEqual(150);
});
