import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { KINDS } from "../../src/audit/record.ts";
import { LOG_EVENTS } from "../../src/log/events.ts";

const source = globSync("src/**/*.ts", { exclude: ["src/log/events.ts"] })
  .map((path) => readFileSync(path, "utf8"))
  .join("\n");

/** Returns the first column of the tables under a heading of a document. */
function namesUnder(document: string, heading: RegExp): string[] {
  const [section = ""] = readFileSync(document, "utf8")
    .split(/^## /m)
    .filter((part) => heading.test(part));
  return [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, name = ""]) => name);
}

test.each(["docs/logs.md", "docs/logs.fr.md"])(
  "%s explains every event that a log line can be of, and no other",
  (document) => {
    expect(namesUnder(document, /^(?:The events|Les événements)/).sort()).toEqual([...LOG_EVENTS].sort());
  },
);

test.each(LOG_EVENTS)("%s is written somewhere", (event) => {
  expect(source).toContain(`"${event}"`);
});

test.each(["docs/logs.md", "docs/logs.fr.md"])("%s explains every kind of record with its codes", (document) => {
  const table = readFileSync(document, "utf8");
  for (const { event, eventId, ...kind } of Object.values(KINDS)) {
    const type = "eventTypeId" in kind ? kind.eventTypeId : "";
    expect(table).toMatch(new RegExp(`^\\| \`${event}\` +\\| ${eventId} +\\| ${type} +\\|`, "m"));
  }
});
