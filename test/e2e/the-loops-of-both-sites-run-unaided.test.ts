import { expect, test } from "vitest";
import { type SiteName, sharedSandbox } from "./sandbox/index.ts";

test.each<[SiteName, SiteName, string]>([
  ["eai", "dpi", "MDM^T02"],
  ["dpi", "eai", "ADT^A01"],
])("%s sends to %s, each time with another control ID", async (sender, receiver, type) => {
  const sandbox = sharedSandbox();
  const acknowledged = async () => {
    const told = await sandbox.logs(sender);
    return [...told.matchAll(/sent (\S+) (\S+), \d+ bytes: acknowledged AA in \d+ ms/g)].map(([, what, id]) => ({
      what,
      id,
    }));
  };
  await expect.poll(acknowledged, { timeout: 20_000 }).toHaveProperty(
    "length",
    expect.toSatisfy((n: number) => n >= 2),
  );
  const sent = await acknowledged();
  expect(new Set(sent.map(({ id }) => id)).size).toBe(sent.length);
  expect(sent.every(({ what }) => what === type)).toBe(true);
  const received = await sandbox.received(receiver, 200);
  for (const { id } of sent.slice(-2)) expect(received.map(({ controlId }) => controlId)).toContain(id);
});
