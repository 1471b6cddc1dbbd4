import { expect, test } from "vitest";
import { OpenConnections } from "../../src/site/open-connections.ts";
import { parseTunnelLine } from "../../src/site/tunnel-line.ts";

const begun = (id: number) =>
  `2026.01.15 09:30:00 LOG5[${id}]: Service [mdm_from_eai] accepted connection from 127.0.0.1:39284`;
const ended = (id: number) =>
  `2026.01.15 09:30:01 LOG5[${id}]: Connection closed: 137 byte(s) sent to TLS, 9043 byte(s) sent to socket`;
const endedAs = (how: string, id: number) =>
  `2026.01.15 09:30:01 LOG5[${id}]: Connection ${how}: 0 byte(s) sent to TLS, 0 byte(s) sent to socket`;
const other = (id: number) => `2026.01.15 09:30:00 LOG5[${id}]: s_connect: connected 127.0.0.1:21010`;

function heard(...lines: string[]): OpenConnections {
  const connections = new OpenConnections();
  for (const line of lines) connections.hear(parseTunnelLine(line));
  return connections;
}

/** Whether the wait is over by now, long before its limit. */
async function isOver(wait: Promise<void>): Promise<boolean> {
  const turn = new Promise<false>((resolve) => setImmediate(() => resolve(false)));
  return Promise.race([wait.then(() => true), turn]);
}

test("without a connection, or when all have ended, there is nothing to wait for", async () => {
  expect(await isOver(heard().none(5000))).toBe(true);
  expect(await isOver(heard(begun(0), other(0), begun(1), ended(0), endedAs("reset", 1)).none(5000))).toBe(true);
});

test.each(["closed", "reset", "closed/reset", "reset/closed"])("a connection that was %s has ended", async (how) => {
  expect(await isOver(heard(begun(0), endedAs(how, 0)).none(5000))).toBe(true);
});

test.each([
  ["closed"],
  ["reset"],
  // the side whose peer broke the handshake is closed behind an alert, the other one reset
  ["reset/closed"],
  ["closed/reset"],
])("a connection has ended when Stunnel calls it %s", async (how) => {
  const line = `2026.01.15 09:30:01 LOG5[0]: Connection ${how}: 0 byte(s) sent to TLS, 0 byte(s) sent to socket`;
  expect(await isOver(heard(begun(0), line).none(5000))).toBe(true);
});

test("the wait lasts until the last has ended", async () => {
  const connections = heard(begun(0), begun(1), ended(0));
  const wait = connections.none(5000);
  expect(await isOver(wait)).toBe(false);
  connections.hear(parseTunnelLine(other(1)));
  expect(await isOver(wait)).toBe(false);
  connections.hear(parseTunnelLine(ended(1)));
  expect(await isOver(wait)).toBe(true);
});

test("and no longer than its limit, for a peer that never closes", async () => {
  await expect(heard(begun(0)).none(10)).resolves.toBeUndefined();
});
