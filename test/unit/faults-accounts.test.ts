import { expect, test } from "vitest";
import { type Account, balanceOf, tableOf } from "../e2e/faults/accounts.ts";

const IDS = ["A", "B", "C", "D"];
const delivered = IDS.map((controlId, index) => ({ id: index + 1, controlId, code: "AA" }));
const account = (more: Partial<Account>): Account => ({
  direction: "eai to dpi",
  queued: IDS,
  delivered,
  stored: IDS,
  repeated: 2,
  longestOutageMs: 61_250,
  ...more,
});
const wrongOf = (more: Partial<Account>) => balanceOf(account(more)).wrong;

test("the same on both sides, each once and in order, is nothing wrong", () => {
  expect(balanceOf(account({}))).toEqual({ sent: 4, lost: [], doubled: [], wrong: [] });
});

test.each<[string, Partial<Account>, string[]]>([
  ["lost", { stored: ["A", "B", "D"] }, ["1 acknowledged and not stored: C"]],
  ["lost at the end", { stored: ["A", "B", "C"] }, ["1 acknowledged and not stored: D"]],
  ["doubled", { stored: ["A", "B", "B", "C", "D"] }, ["1 stored twice: B"]],
  ["doubled later", { stored: ["A", "B", "C", "D", "A"] }, ["1 stored twice: A"]],
  ["reordered", { stored: ["A", "C", "B", "D"] }, ["2 stored in another order: C, B"]],
  ["extra", { stored: ["A", "B", "X", "C", "D"] }, ["1 stored and never acknowledged: X"]],
  [
    "a gap",
    { queued: [], delivered: delivered.filter(({ id }) => id !== 2), stored: ["A", "C", "D"] },
    ["1 not acknowledged, of the outbox: 2"],
  ],
  [
    "lost by the outbox",
    { delivered: delivered.slice(0, 3), stored: ["A", "B", "C"] },
    ["1 queued and never acknowledged: D"],
  ],
  [
    "refused",
    { delivered: delivered.map((one) => ({ ...one, code: one.id === 3 ? "AE" : "AA" })) },
    ["1 acknowledged, but not with AA: C"],
  ],
  ["told twice", { delivered: [...delivered, { id: 5, controlId: "D", code: "AA" }] }, ["1 acknowledged twice: D"]],
])("%s is seen", (_, more, wrong) => {
  expect(wrongOf(more)).toEqual(wrong.map((text) => `eai to dpi: ${text}`));
});

test("several faults are each told, and a long list is cut", () => {
  expect(wrongOf({ stored: [] })).toEqual(["eai to dpi: 4 acknowledged and not stored: A, B, C, …"]);
  expect(wrongOf({ stored: ["B", "B", "A", "X"] })).toHaveLength(4);
});

test("the closing table has a line a direction", () => {
  const [head, row] = tableOf([account({ stored: ["A", "B", "B", "C"] })]).split("\n");
  expect(head?.split(/ {2,}/)).toHaveLength(8);
  expect(row?.split(/ {2,}/)).toEqual(["eai to dpi", "4", "4", "4", "2", "1", "1", "61.3 s"]);
});
