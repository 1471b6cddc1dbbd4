import { expect, test } from "vitest";
import { queueCommand } from "../../src/commands/queue.ts";
import { runIn } from "./command-in-process.ts";
import { template } from "./peer.ts";
import { linesOf, ok, prepareQueue, QUEUED_AT } from "./queue-kit.ts";
import { Scratch } from "./scratch.ts";

test("queue tells in a pipe, tab by tab, what was set aside, what waits, and why", async () => {
  using site = await prepareQueue();
  const [head, ...rows] = linesOf(await site.queue());
  expect(head?.split("\t")).toEqual(["#", "state", "message", "bytes", "queued", "tries", "why it is here still"]);
  expect(rows.map((row) => row.split("\t").filter((_, column) => column !== 4))).toEqual([
    ["3", "set aside", "MDM^T02 C", "9021", "1", "AE, unknown\\x1b[2K patient"],
    ["4", "set aside", "MDM^T02 D", "9021", "1", "AE"],
    ["1", "waiting", "MDM^T02 A", "9021", "1", "AR"],
    ["2", "waiting", "MDM^T02 B", "9021", "0", "no try has ended yet"],
    ["5", "waiting", "MDM^T02 E", "9021", "0", "no try has ended yet"],
    ["3 waiting, 2 set aside"],
  ]);
});

test("queue --limit shows no more than so many of each, and says how many it left out", async () => {
  using site = await prepareQueue();
  const lines = linesOf(await site.queue("--limit", "1"));
  expect(lines.slice(1, -1).map((line) => line.split("\t")[0])).toEqual(["3", "1"]);
  expect(lines.at(-1)).toBe("3 waiting, 2 set aside; 3 not shown, --limit shows more");
});

test("queue --json is one document with every message", async () => {
  using site = await prepareQueue();
  const { code, stdout } = await site.queue("--json", "--limit", "1");
  const facts = { type: "MDM^T02", sizeBytes: 9021, queuedAt: QUEUED_AT };
  expect([code, JSON.parse(stdout)]).toEqual([
    0,
    {
      ...{ waiting: 3, setAside: 2 },
      messages: [
        {
          ...{ ...facts, id: 3, controlId: "C", tries: 1, reason: "AE, unknown\u001b[2K patient", state: "set-aside" },
          setAsideAt: "2026-03-01T12:00:01.000Z",
        },
        { ...facts, id: 4, controlId: "D", tries: 1, reason: "AE", state: "set-aside", setAsideAt: QUEUED_AT },
        { ...facts, id: 1, controlId: "A", tries: 1, reason: "AR", state: "waiting" },
        { ...facts, id: 2, controlId: "B", tries: 0, reason: "", state: "waiting" },
        { ...facts, id: 5, controlId: "E", tries: 0, reason: "", state: "waiting" },
      ],
    },
  ]);
});

test("an empty outbox is told in a line, without a table", async () => {
  using scratch = new Scratch();
  expect(await runIn(scratch.folder, queueCommand())).toEqual(ok("0 waiting, 0 set aside"));
});

test("queue show shows a message segment by segment, and why it is there", async () => {
  using site = await prepareQueue();
  const [first, why, msh, , pid, ...rest] = linesOf(await site.queue("show", "3"));
  expect([first, why]).toEqual([
    "#3  MDM^T02 C, 9021 bytes, set aside after 1 tries",
    "why: AE, unknown\\x1b[2K patient",
  ]);
  expect(msh).toMatch(/^ {2}MSH\|\^~\\&\|EAI\|/);
  expect(pid).toMatch(/^ {2}PID\|1\|/);
  expect(rest.some((line) => line.includes("more characters)"))).toBe(true);
  const full = linesOf(await site.queue("show", "3", "--full"));
  expect(full.slice(2)).toEqual(
    template
      .withHeader({ 10: "C" })
      .text()
      .map((segment) => `  ${segment}`),
  );
});

test("queue show of a message that waits for its turn has no reason to tell", async () => {
  using site = await prepareQueue();
  const [first, second] = linesOf(await site.queue("show", "2"));
  expect([first, second?.slice(0, 5)]).toEqual(["#2  MDM^T02 B, 9021 bytes, waiting after 0 tries", "  MSH"]);
});

test.each([
  [["show", "9"], "error: #9 is not in the outbox"],
  [["retry", "1"], "error: #1 is not set aside"],
  [["retry", "1", "9"], "error: #1, #9 are not set aside"],
  [["drop", "9"], "error: #9 is not in the outbox"],
])("queue %j is refused in two lines, with exit 1", async (parameters, error) => {
  using site = await prepareQueue();
  const { code, stdout, stderr } = await site.queue(...parameters);
  expect([code, stdout, ...stderr.trimEnd().split("\n")]).toEqual([
    1,
    "",
    error,
    expect.stringMatching(/^hint: "queue" shows/),
  ]);
});

test.each([
  [["retry"]],
  [["drop"]],
  [["retry", "3", "--all"]],
  [["drop", "3", "--all"]],
  [["retry", "three"]],
  [["drop", "0"]],
  [["show"]],
  [["show", "1", "2"]],
  [["mend"]],
  [["--limit", "0"]],
  [["delivered", "--last", "0"]],
])("queue %j is wrong usage, exit 2, and changes nothing", async (parameters) => {
  using site = await prepareQueue();
  const before = site.outbox.list();
  const { code, stdout, stderr } = await site.queue(...parameters);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(/^error: .*\n(\n|.)*hint: /);
  expect(site.outbox.list()).toEqual(before);
});
