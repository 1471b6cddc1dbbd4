import { expect, test } from "vitest";
import { type Sandbox, startSandbox } from "./sandbox/index.ts";

const SMALL_DISKS = "test/e2e/sandbox/small-disks.yml";
const FILL = "dd if=/dev/zero of=/data/ballast bs=64k 2>/dev/null || true";

test("AR while the disk is full, never AA; the sender keeps the message and delivers it once there is room", async () => {
  await using sandbox = await startSandbox({}, [SMALL_DISKS]);
  await sandbox.send("eai");
  await sandbox.shell("dpi", FILL);
  // what is left in the pages that the store has already
  let refused = "";
  await expect
    .poll(
      async () => {
        ({ stdout: refused } = await sandbox.exec("eai", ["send"]));
        return refused;
      },
      { timeout: 20_000, interval: 0 },
    )
    .toContain("refused       AR for");
  expect(refused).toContain("could not be stored, send it again later");
  expect(await sandbox.logs("dpi")).toMatch(/listen: cannot store MDM\^T02 .*: (database or|the) disk is full/);
  // the audit trail fills the page that it has, and stops nothing then
  await sandbox.exec("eai", ["send", "--count", "10"]);
  const noRecord = /the audit trail in .* takes no record, messages go on: ENOSPC/;
  await expect.poll(() => sandbox.logs("dpi")).toMatch(noRecord);
  const queued = JSON.parse(await sandbox.shell("eai", "send --queue --json")) as { controlId: string };
  const tries = async () => JSON.parse(await sandbox.shell("eai", "queue --json")).messages[0]?.tries;
  await expect.poll(tries, { timeout: 20_000 }).toBeGreaterThan(1);
  const stored = async () => (await sandbox.received("dpi")).filter(({ controlId }) => controlId === queued.controlId);
  expect(await stored()).toEqual([]);

  await sandbox.shell("dpi", "rm /data/ballast");
  await expect.poll(stored, { timeout: 40_000 }).toMatchObject([{ code: "AA", repeats: 0 }]);
  expect(JSON.parse(await sandbox.shell("eai", "queue --json"))).toMatchObject({ waiting: 0, setAside: 0 });

  await expect.poll(() => sandbox.logs("dpi")).toContain("the audit trail takes records again: 0 events have none");
  expect(await sandbox.mustExec("dpi", "audit", "verify")).toContain("each is as it was written, none is missing");
  expect((await sandbox.shell("dpi", "grep -c '\"outcome\":12' /data/audit/audit.log")).trim()).toMatch(/^\d\d+$/);
});

const queuedIn = async (sandbox: Sandbox) => JSON.parse(await sandbox.shell("eai", "queue --json"));

test.each([
  ["by others", FILL],
  ["by what waits", "true"],
])("what waits on a disk that was filled %s is delivered, and makes room", async (_, fill) => {
  await using sandbox = await startSandbox({}, [SMALL_DISKS]);
  await sandbox.mustCompose("stop", "dpi");
  await sandbox.shell("eai", `send --queue; ${fill}`);
  const full = await sandbox.exec("eai", ["send", "--queue", "--count", "5000", "--json"]);
  expect(full.stderr).toMatch(/^error: cannot queue MDM\^T02 .*: the disk is full: \d+ bytes are free.*\nhint: /);
  const { messages } = await queuedIn(sandbox);
  expect(await sandbox.shell("eai", `queue drop ${messages.at(-1).id}`)).toContain("is dropped");
  await sandbox.mustCompose("start", "dpi");
  await expect.poll(() => queuedIn(sandbox), { timeout: 90_000 }).toMatchObject({ waiting: 0, setAside: 0 });
  const received = (await sandbox.received("dpi", 10_000)).map(({ controlId }) => controlId);
  expect(received).toEqual(messages.slice(0, -1).map(({ controlId }: { controlId: string }) => controlId));
});
