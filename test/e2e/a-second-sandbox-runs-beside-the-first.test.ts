import { expect, test } from "vitest";
import { sharedSandbox, startSandbox } from "./sandbox/index.ts";

test("with ports of its own, and neither sees the other's messages", async () => {
  const first = sharedSandbox();
  await using second = await startSandbox();
  expect(await second.tlsPort("dpi")).not.toBe(await first.tlsPort("dpi"));
  const [sentInFirst, sentInSecond] = [await first.send("eai"), await second.send("eai")];
  const idsIn = async (sandbox: typeof first) =>
    (await sandbox.received("dpi", 1000)).map(({ controlId }) => controlId);
  expect(await idsIn(first)).toContain(sentInFirst.controlId);
  expect(await idsIn(first)).not.toContain(sentInSecond.controlId);
  expect(await idsIn(second)).toEqual([sentInSecond.controlId]);
});
