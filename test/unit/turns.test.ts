import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { Turns } from "../../src/commands/turns.ts";

/** Work that begins when it has its turn and ends when a test says so. */
function work(begun: string[], name: string) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const action = () => {
    begun.push(name);
    return promise;
  };
  return { action, end: () => resolve(name), fail: () => reject(new Error(name)) };
}

test("the same thing is done one after another, in the order of the coming, and another at once", async () => {
  const begun: string[] = [];
  const turns = new Turns();
  const [first, second, third] = [work(begun, "first"), work(begun, "second"), work(begun, "third")];
  const done = [first, second].map(({ action }) => turns.take("same", action));
  turns.take("other", work(begun, "other").action);
  await turn();
  expect(begun).toEqual(["first", "other"]);
  first.end();
  await turn();
  // it comes when the first has ended, and waits for the second all the same
  done.push(turns.take("same", third.action));
  await turn();
  expect(begun).toEqual(["first", "other", "second"]);
  second.end();
  third.end();
  expect(await Promise.all(done)).toEqual(["first", "second", "third"]);
});

test("what fails fails for itself: the next has its turn all the same", async () => {
  const begun: string[] = [];
  const turns = new Turns();
  const [first, second] = [work(begun, "first"), work(begun, "second")];
  const done = Promise.allSettled([turns.take("same", first.action), turns.take("same", second.action)]);
  first.fail();
  second.end();
  expect(await done).toMatchObject([{ reason: { message: "first" } }, { value: "second" }]);
  expect(await turns.take("same", async () => "third")).toBe("third");
});
