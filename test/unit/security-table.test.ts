import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FAULTS } from "../../stunnel/lab.ts";
import { CASES, CASES_WITH_EXPIRED_CRL, type Case, type Outcome } from "../e2e/lab/cases.ts";

const VERDICTS = {
  "docs/security.md": { accepted: "accepted", site: "refused by the site", peer: "refused by the peer" },
  "docs/security.fr.md": { accepted: "accepté", site: "refusé par le site", peer: "refusé par le pair" },
};

/** Returns the cells of a case that are the same in each language but for the verdicts. */
function cellsOf({ name, version, asClient, asServer }: Case, verdicts: Record<"accepted" | "site" | "peer", string>) {
  const verdict = (outcome: Outcome | undefined) =>
    outcome === undefined ? "–" : verdicts[outcome === "accepted" ? "accepted" : outcome.refusedBy];
  const refusal = [asClient, asServer].find((outcome) => typeof outcome === "object");
  const { words, reads } = typeof refusal === "object" ? refusal : { words: "", reads: "" };
  const title = name === "no-certificate" ? `\`${name}\` (TLS ${version})` : `\`${name}\``;
  return [title, verdict(asClient), verdict(asServer), words, reads];
}

test.each(Object.entries(VERDICTS))(
  "%s has the table that the end-to-end suite runs, a row a case",
  (path, verdicts) => {
    const rows = readFileSync(path, "utf8")
      .split("\n")
      .map((line) => line.split("|").map((cell) => cell.trim()))
      .filter((cells) => cells.length === 8 && /^`[a-z0-9.-]+`/.test(cells[1] ?? ""))
      // what is wrong is said in the language of the document
      .map(([, name, , ...others]) => [name, ...others.slice(0, 4)]);
    const cases = [...CASES, ...CASES_WITH_EXPIRED_CRL.slice(0, 1)];
    expect(rows).toEqual(cases.map((one) => cellsOf(one, verdicts)));
  },
);

test("every faulty identity of the lab is a case", () => {
  const tried = [...CASES, ...CASES_WITH_EXPIRED_CRL].filter(({ shows }) => shows === "lab").map(({ name }) => name);
  expect(tried.sort()).toEqual(Object.keys(FAULTS).sort());
});

test.each(Object.keys(VERDICTS))("every test that %s names is there", (path) => {
  const named = [...readFileSync(path, "utf8").matchAll(/`([a-z0-9-]+\.test\.ts)`/g)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(10);
  for (const name of named) expect([name, existsSync(`test/e2e/${name}`)]).toEqual([name, true]);
});
