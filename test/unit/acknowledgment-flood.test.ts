import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { awaitAcknowledgment } from "../../src/commands/await-acknowledgment.ts";
import { writeAcknowledgment } from "../../src/hl7/write-acknowledgment.ts";
import type { MllpClient } from "../../src/mllp/client.ts";
import { Deadline } from "../../src/mllp/deadline.ts";
import { answerer, template } from "./peer.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

test("a flood of acknowledgments of other messages is counted, and none of it is kept", async () => {
  const seen: WeakRef<Buffer>[] = [];
  let kept = Number.NaN;
  const receive = async () => {
    if (seen.length < 1000) {
      const payload = writeAcknowledgment(answerer, template.withHeader({ 10: "OTHER" }));
      seen.push(new WeakRef(payload));
      return { kind: "payload" as const, payload, atByte: 0 };
    }
    // what a WeakRef has handed out stays for the turn
    await turn();
    collectGarbage();
    kept = seen.filter((payload) => payload.deref() !== undefined).length;
    return undefined;
  };
  const client = { endpoint: { host: "127.0.0.1", port: 1 }, receive } as unknown as MllpClient;
  await expect(awaitAcknowledgment(client, template, Deadline.start(2000))).rejects.toMatchObject({
    message: expect.stringMatching(/AA for "OTHER"; 997 more$/),
  });
  expect(kept).toBeLessThan(10);
});
