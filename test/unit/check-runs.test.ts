import { expect, test } from "vitest";
import { judgeRuns } from "../../src/check/own/runs.ts";
import type { Health } from "../../src/site/health.ts";

const well: Health = { healthy: true, stunnel: true, closedPorts: [], listener: true };

test("a site that runs passes", () => {
  expect(judgeRuns(well).map(({ id, status }) => [id, status])).toEqual([
    ["site.stunnel", "pass"],
    ["site.ports", "pass"],
    ["site.listener", "pass"],
  ]);
});

test.each<[Partial<Health>, string, string]>([
  [{ stunnel: false }, "site.stunnel", "no such process"],
  [{ closedPorts: [21010, 32200] }, "site.ports", "nobody listens on 21010, 32200"],
  [{ listener: false }, "site.listener", "no connection was taken"],
])("with %j only %s fails", (change, id, detail) => {
  const failed = judgeRuns({ ...well, healthy: false, ...change }).filter(({ status }) => status === "fail");
  expect(failed).toMatchObject([
    { id, detail: { en: expect.stringContaining(detail) }, hint: { en: expect.any(String) } },
  ]);
});
