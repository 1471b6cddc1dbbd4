import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { counted, ROOT, type Sandbox, scrape, startSandbox } from "./sandbox/index.ts";

let sandbox: Sandbox & AsyncDisposable;
beforeAll(async () => {
  sandbox = await startSandbox({}, ["test/e2e/peers/tls-engine.yml"]);
});
afterAll(() => sandbox?.[Symbol.asyncDispose]());

interface Checked {
  legs: { to: { code: string } };
  findings: { id: string; status: string }[];
}

/** What the engine tells of messages that it sends to EAI's Stunnel. */
async function engineSends(count: number, connections: "one" | "each", certificate: string): Promise<object[]> {
  const args = ["send", String(count), connections, certificate];
  const told = await sandbox.mustExec("dpi", "node", "/app/test/e2e/peers/tls-engine.ts", ...args);
  return told
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as object);
}

const connections = async () => {
  const series = counted(await scrape(sandbox, "eai"), "stunnel_connections_total");
  return series['stunnel_connections_total{service="adt_from_dpi"}'] ?? 0;
};

test("it receives from EAI's Stunnel to the byte, and check finds nothing wrong", async () => {
  const text = await readFile(join(ROOT, "eai/message.hl7"), "utf8");
  const payload = text.replaceAll("\n", "\r");
  const sent = await sandbox.exec("eai", ["send", "--as-is", "-", "--json"], { input: payload });
  expect(JSON.parse(sent.stdout)).toMatchObject({ code: "AA" });
  expect(await sandbox.logs("dpi")).toContain(createHash("sha256").update(payload).digest("hex"));
  const { stdout } = await sandbox.exec("eai", ["check", "--json"]);
  const { legs, findings } = JSON.parse(stdout) as Checked;
  expect(legs.to.code).toBe("works");
  expect(findings.filter(({ status }) => status === "fail")).toEqual([]);
});

test("it sends to EAI's Stunnel: one connection, or one for each message, which costs a handshake each", async () => {
  const before = await connections();
  expect(await engineSends(5, "one", "dpi")).toEqual(Array(5).fill({ code: "AA" }));
  await expect.poll(connections).toBe(before + 1);
  expect(await engineSends(5, "each", "dpi")).toEqual(Array(5).fill({ code: "AA" }));
  await expect.poll(connections).toBe(before + 6);
  expect(await sandbox.received("eai")).toHaveLength(10);
});

test.each([
  ["of another name", "dpi.sibling", "Subject checks failed"],
  ["that has ended", "dpi.expired", "certificate has expired"],
  ["that is not shown", "none", "peer did not return a certificate"],
])("with a certificate %s it is refused, and EAI's log has the reason", async (_, certificate, reason) => {
  const told = async () => (await sandbox.logs("eai")).split(reason).length;
  const [stored, before] = [(await sandbox.received("eai")).length, await told()];
  expect(await engineSends(1, "one", certificate)).toEqual([{ error: expect.any(String) }]);
  await expect.poll(told).toBe(before + 1);
  expect(await sandbox.received("eai")).toHaveLength(stored);
});
