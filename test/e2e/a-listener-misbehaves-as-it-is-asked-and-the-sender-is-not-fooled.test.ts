import { beforeAll, expect, test } from "vitest";
import { DPI_WITHOUT_LISTENER, follow, type Sandbox, startSandbox } from "./sandbox/index.ts";

/** Sends one message to a listener in DPI that misbehaves, and returns what the sender says of it. */
async function sendTo(sandbox: Sandbox, answer: string, ...options: string[]) {
  const line = `listen --last 0 --json --answer "${answer}" & read; kill -9 $!; wait $! 2>/dev/null; echo ended`;
  using listener = follow(sandbox, "dpi", ["bash", "-c", line]);
  await expect.poll(listener.printedAside, { timeout: 10_000 }).toContain("listening on");
  const sent = await sandbox.exec("eai", ["send", "--timeout", "2", ...options]);
  await expect.poll(listener.printed, { timeout: 10_000 }).toContain('"controlId"');
  listener.write(Buffer.from("\n"));
  await expect.poll(listener.printed, { timeout: 15_000 }).toContain("ended");
  const stored = JSON.parse(listener.printed().split("\n")[0] ?? "") as { code: string };
  return { ...sent, stored: stored.code };
}

let sandbox: Awaited<ReturnType<typeof startSandbox>>;

beforeAll(async () => {
  sandbox = await startSandbox({}, [DPI_WITHOUT_LISTENER]);
  return async () => await sandbox[Symbol.asyncDispose]();
});

test.each([
  ["AE 204", 3, /^refused {7}AE .*204\^Unknown key identifier/m, "AE"],
  ["AR", 3, /^refused {7}AR .*207\^Application error/m, "AR"],
  ["late 100ms", 0, /^acknowledged {2}AA/m, "AA"],
  ["late 1m", 1, /^error: no acknowledgment of .* within 2000 ms/m, "AA"],
  ["other-id", 1, /^error: no acknowledgment of .*; what came instead: AA for "ANOTHER-ID"/m, "AA"],
  ["twice", 0, /^acknowledged {2}AA/m, "AA"],
  ["half", 1, /^error: no acknowledgment of .* within 2000 ms/m, "AA"],
  ["silent", 1, /^error: no acknowledgment of .* within 2000 ms/m, "AA"],
  ["close", 1, /^error: no acknowledgment of .* was closed by the other side/m, "AA"],
])("%s: exit code %i", async (answer, code, told, stored) => {
  const result = await sendTo(sandbox, answer);
  expect(result.stdout + result.stderr).toMatch(told);
  expect([result.code, result.stored]).toEqual([code, stored]);
});

test("an acknowledgment that comes twice is not taken for the one of the next message", async () => {
  const { stdout, code } = await sendTo(sandbox, "twice", "--count", "3", "--json");
  expect(code).toBe(0);
  const told = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { controlId: string; ignored?: string });
  expect(told[1]?.ignored).toBe(`AA for "${told[0]?.controlId}"`);
});

test("what names no way to misbehave is wrong usage", async () => {
  const { code, stderr } = await sandbox.exec("dpi", ["listen", "--answer", "badly"]);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/^error: ANSWER is "badly".*\nhint: write AE, AR, late/)]);
});
