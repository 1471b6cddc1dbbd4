import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readAcknowledgment } from "../../src/hl7/acknowledgment.ts";
import { Message } from "../../src/hl7/message.ts";
import { openListener } from "./listener.ts";
import { asking, NAMED_CASES } from "./named-cases.ts";

/** Returns the cells of the table under a heading of a page, its head first. */
function tableOf(heading: string, page = "docs/hl7-mllp.md"): string[][] {
  const [, section = ""] = readFileSync(page, "utf8").split(`## ${heading}\n`);
  const [, table = ""] = /\n(\|.*?)\n(?!\|)/s.exec(section) ?? [];
  const rows = table.split("\n").map((row) => row.split("|").slice(1, -1));
  return rows.filter((_, index) => index !== 1).map((cells) => cells.map((cell) => cell.trim()));
}

const [, ...answers] = tableOf("What is answered to what");
const modes = tableOf("Original and enhanced mode");

/** Returns an acknowledgment as the page has it: MSA-1 with ERR-3 and ERR-2, MSA-2, and ERR-8. */
function told(payload: Buffer): { answer: string; controlId: string; words: string } {
  const { code, controlId } = readAcknowledgment(payload);
  const acknowledgment = Message.read(payload);
  const [, , err] = acknowledgment.segments().map((segment) => segment.split(acknowledgment.delimiters.field));
  const [, , place = "", condition = "", , , , , words = ""] = err ?? [];
  const answer = [code, condition.split("^")[0], place].filter(Boolean).join(" ");
  return { answer, controlId: controlId || "empty", words };
}

const list = (cells: string[]) => cells.join(", ") || "nothing";

test("every named case has its row, in the order of the page", () => {
  expect(answers.map(([name]) => name)).toEqual(Object.keys(NAMED_CASES));
});

test.each(answers)("%s: answered as docs/hl7-mllp.md says, %s", async (name = "", answer, controlIds, words = "") => {
  await using listener = await openListener();
  const seen = (await listener.exchange(...(NAMED_CASES[name] ?? []))).map(told);
  expect([list(seen.map((one) => one.answer)), list(seen.map((one) => one.controlId))]).toEqual([answer, controlIds]);
  const said = seen.map((one) => one.words).filter(Boolean);
  expect(said.join(", ")).toContain(words);
  // who is refused is told why, on the page as well
  expect(said.length > 0).toBe(words !== "");
});

test("what MSH-15 and MSH-16 ask for is what comes, accepted and refused, as the page has it", async () => {
  await using listener = await openListener();
  const codesOf = async (...asked: Parameters<typeof asking>) =>
    (await listener.exchange(asking(...asked))).map((payload) => readAcknowledgment(payload).code).join(", ") || "–";
  // HL7 table 0155, or nothing
  const values = ["", "AL", "NE", "ER", "SU"];
  const named = values.map((value) => value || "empty");
  const seen = [named];
  for (const accept of values) {
    const row: string[] = [];
    for (const application of values) {
      const asked = [accept, application, `${accept}-${application}`] as const;
      row.push(`${await codesOf(...asked)} / ${await codesOf(...asked, -1)}`);
    }
    seen.push(row);
  }
  expect(modes.map(([, ...cells]) => cells)).toEqual(seen);
  expect(modes.slice(1).map(([accept]) => accept)).toEqual(named);
  // whatever is asked for, each is in the journal
  expect(listener.journal.after(0, 100)).toHaveLength(2 * values.length ** 2);
});

test("docs/hl7-mllp.fr.md has the same tables, row by row; what a case is and why is said in French", () => {
  const french = (cell = "") => cell.replaceAll("empty", "vide").replaceAll("nothing", "rien");
  const [, ...rows] = tableOf("Ce qui est répondu à quoi", "docs/hl7-mllp.fr.md");
  const sameColumns = rows.map(([, answer, controlIds, words]) => [answer, controlIds, words]);
  expect(sameColumns).toEqual(answers.map(([, answer, ids, words]) => [french(answer), french(ids), words]));
  for (const [name, , , , why] of rows) expect([name, why]).not.toContain("");
  expect(tableOf("Mode original et mode étendu", "docs/hl7-mllp.fr.md")).toEqual(modes.map((row) => row.map(french)));
});
