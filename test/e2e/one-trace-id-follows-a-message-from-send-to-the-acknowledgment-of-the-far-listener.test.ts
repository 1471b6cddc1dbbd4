import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { sharedSandbox } from "./sandbox/index.ts";
import type { SiteName } from "./sandbox/sandbox.ts";

type Line = Record<string, unknown>;

/** Returns the lines of a file of a site's log that hold a value. */
async function linesOf(site: SiteName, file: string, value: unknown): Promise<Line[]> {
  const found = await sharedSandbox().shell(site, `grep -F '${value}' /data/log/${file}.log || true`);
  return found
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** Returns what both sites logged under a trace ID, as pairs of part and event. */
async function story(traceId: unknown): Promise<unknown[]> {
  const lines = [...(await linesOf("eai", "send", traceId)), ...(await linesOf("dpi", "listen", traceId))];
  for (const line of lines)
    expect(line).toMatchObject({ type: expect.any(String), controlId: expect.any(String), leg: "eai-to-dpi" });
  return lines.map(({ part, event }) => `${part}: ${event}`);
}

/** Sends a message as it is, and returns its trace ID and the exit code. */
async function sendAsIs(text: string, ...options: string[]) {
  const { stdout, code } = await sharedSandbox().exec("eai", ["send", "--json", "--as-is", ...options, "-"], {
    input: text,
  });
  return { ...(JSON.parse(stdout) as { traceId: string }), code };
}

/** Returns EAI's message under a control ID of its own, as another one of the same sender may not have it. */
const messageOf = (controlId: string, from = "", to = "") =>
  readFileSync("eai/message.hl7", "utf8")
    .trimEnd()
    .split("\n")
    .map((segment) =>
      segment.startsWith("MSH") ? segment.split("|").with(9, controlId).join("|").replace(from, to) : segment,
    )
    .join("\r")
    .concat("\r");

test("sent, stored and acknowledged, and Stunnel's own lines of its connection beside it", async () => {
  const { traceId } = (await sharedSandbox().send("eai")) as unknown as Line;
  expect(traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(await story(traceId)).toEqual(["send: message-acknowledged", "listen: message-accepted"]);
  const [received] = await linesOf("dpi", "listen", traceId);
  const from = `connected remote server from ${received?.peer}`;
  const stunnel = (await linesOf("dpi", "stunnel", from)).at(-1);
  expect([received?.connection, stunnel?.msg]).toEqual([stunnel?.connection, expect.stringContaining(from)]);
});

test("put into the outbox and brought over by the sender of the site", async () => {
  const sandbox = sharedSandbox();
  const { controlId } = JSON.parse(await sandbox.mustExec("eai", "send", "--queue", "--json"));
  const [queued] = await linesOf("eai", "send", controlId);
  const steps = ["send: message-queued", "send: message-acknowledged", "listen: message-accepted"];
  await expect.poll(() => story(queued?.traceId)).toEqual(steps);
});

test("sent again: the same one", async () => {
  const message = messageOf(`TRACE${Date.now()}`);
  const { traceId } = await sendAsIs(message);
  expect(await sendAsIs(message)).toMatchObject({ code: 0, traceId });
  const acknowledged = "send: message-acknowledged";
  expect(await story(traceId)).toEqual([
    acknowledged,
    acknowledged,
    "listen: message-accepted",
    "listen: message-repeated",
  ]);
});

test("refused: the negative acknowledgment at both ends", async () => {
  const { code, traceId } = await sendAsIs(messageOf(`TRACE${Date.now()}`, "MDM^T02", "ORU^R01"));
  expect(code).toBe(3);
  expect(await story(traceId)).toEqual(["send: message-negative", "listen: message-refused"]);
});

test("never arrived: its sender alone knows of it, and why", async () => {
  const { code, traceId } = await sendAsIs(messageOf(`TRACE${Date.now()}`), "--port", "9");
  expect(code).toBe(1);
  expect(await story(traceId)).toEqual(["send: exchange-failed"]);
  expect(await linesOf("eai", "send", traceId)).toMatchObject([{ code: "connection-refused" }]);
});
