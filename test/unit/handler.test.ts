import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { askHandler, type Handler, loadHandler } from "../../src/commands/handler.ts";
import { Message } from "../../src/hl7/message.ts";
import { template as message } from "./peer.ts";
import { Scratch } from "./scratch.ts";
import { StillClock } from "./still-clock.ts";

const refusal = (code: string, text: unknown, more = {}) => ({
  ...{ code, condition: 207, location: "MSH^1", text, byApplication: true },
  ...more,
});
const failed = (why: string) => refusal("AR", `the handler failed: ${why}`);

test.each([
  ["AA", () => "AA"],
  ["AA later", () => Promise.resolve("AA")],
] satisfies [string, Handler][])("a handler takes a message with %s", async (_, handler) => {
  expect(await askHandler(handler, message)).toBeUndefined();
});

test.each([
  ["AE", () => "AE", refusal("AE", "the application answers AE")],
  ["AR later", () => Promise.resolve("AR"), refusal("AR", "the application answers AR")],
  ["a verdict with a code alone", () => ({ code: "AE" }), refusal("AE", "the application answers AE")],
  [
    "a verdict with everything",
    () => ({ code: "AR", condition: 204, location: "PID^1^3", text: "unknown" }),
    refusal("AR", "unknown", { condition: 204, location: "PID^1^3" }),
  ],
] satisfies [string, Handler, object][])("a handler refuses with %s", async (_, handler, expected) => {
  expect(await askHandler(handler, message)).toEqual(expected);
});

const fails = (error: unknown) => () => {
  throw error;
};

test.each([
  ["throws", fails(new Error("no database")), "no database"],
  ["throws what is no error", fails("no database"), "no database"],
  ["rejects", async () => await fails(new Error("no database"))(), "no database"],
] satisfies [string, Handler, string][])(
  "a handler that %s says nothing of the message: AR, so that its sender keeps it",
  async (_, handler, why) => {
    expect(await askHandler(handler, message)).toEqual(failed(why));
  },
);

test("a handler that throws at once leaves no rejection that would end the site", async () => {
  const unheard: unknown[] = [];
  const hear = (reason: unknown) => void unheard.push(reason);
  process.on("unhandledRejection", hear);
  await askHandler(fails(new Error("no database")), message);
  await turn();
  process.off("unhandledRejection", hear);
  expect(unheard).toEqual([]);
});

test.each([
  [undefined],
  [null],
  [true],
  ["OK"],
  ["CA"],
  ["aa"],
  [{ code: "AA" }],
  [{ text: "no code" }],
  [{ code: "AE", condition: 999 }],
  [{ code: "AE", condition: "toString" }],
  [{ code: "AE", location: 5 }],
  [{ code: "AE", location: null }],
  [{ code: "AE", location: "PID^1\rMSA|AA|X" }],
  [{ code: "AE", location: "PID^1^5 DUPONT" }],
])("%j is no verdict, and AR says so", async (verdict) => {
  const text = `the handler failed: its verdict ${JSON.stringify(verdict)} is none that is known`;
  expect(await askHandler((() => verdict) as unknown as Handler, message)).toEqual(refusal("AR", text));
});

test("a handler that does not answer is waited for 10 s, and then it is AR", async () => {
  using clock = new StillClock();
  let refused: unknown;
  const asked = askHandler(() => new Promise(() => {}), message).then((refusal) => {
    refused = refusal;
  });
  await clock.pass(9999);
  expect(refused).toBeUndefined();
  await clock.pass(1);
  await asked;
  expect(refused).toEqual(failed("no verdict within 10000 ms"));
});

test("what a handler does to its message changes no byte of what is stored and acknowledged", async () => {
  const before = Buffer.from(message.payload);
  const spoils: Handler = (own) => {
    own.payload.fill("A");
    own.delimiters.field = "#";
    return "AA";
  };
  expect(await askHandler(spoils, message)).toBeUndefined();
  expect(message.payload).toEqual(before);
  expect(message.delimiters.field).toBe("|");
});

test("a handler is a file of TypeScript that gets the message itself", async () => {
  using scratch = new Scratch();
  const path = scratch.write(
    "handler.ts",
    `import type { Handler } from "nowhere";
     const handler: Handler = async (message) => ({ code: "AE", text: message.controlId + message.segments().length });
     export default handler;`,
  );
  const sent = Message.read(Buffer.from("MSH|^~\\&|A|B|C|D|1||MDM^T02|ID1|T|2.6\rEVN|\r"));
  expect(await askHandler(await loadHandler(path), sent)).toMatchObject({ code: "AE", text: "ID12" });
});

test.each([
  ["is not there", undefined, "file-unreadable"],
  ["is no TypeScript", "export default (((", "file-unreadable"],
  ["fails as it is loaded", "throw new Error('at start')", "file-unreadable"],
  ["has no default export", "export const handler = () => 'AA';", "invalid-setting"],
  ["has a default export that is no function", "export default 'AA';", "invalid-setting"],
])("a handler file that %s is refused by its name, with what to do", async (_, text, code) => {
  using scratch = new Scratch();
  const path = text === undefined ? scratch.path("none.ts") : scratch.write("handler.ts", text);
  await expect(loadHandler(path)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(`the handler ${path} (HANDLER)`),
    hint: expect.any(String),
  });
});
