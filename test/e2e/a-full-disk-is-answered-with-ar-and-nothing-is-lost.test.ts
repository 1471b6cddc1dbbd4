import { expect, test } from "vitest";
import { startSandbox } from "./sandbox/index.ts";

test("AR while the disk is full, never AA; the sender keeps the message and delivers it once there is room", async () => {
  await using sandbox = await startSandbox({}, ["test/e2e/sandbox/dpi-with-a-small-disk.yml"]);
  await sandbox.send("eai");
  await sandbox.shell("dpi", "dd if=/dev/zero of=/data/ballast bs=1k 2>/dev/null || true");
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
  expect(await sandbox.logs("dpi")).toMatch(
    /listen: cannot store MDM\^T02 .*: database or disk is full; see that the data/,
  );
  const queued = JSON.parse(await sandbox.shell("eai", "send --queue --json")) as { controlId: string };
  const tries = async () => JSON.parse(await sandbox.shell("eai", "queue --json")).messages[0]?.tries;
  await expect.poll(tries, { timeout: 20_000 }).toBeGreaterThan(1);
  const stored = async () => (await sandbox.received("dpi")).filter(({ controlId }) => controlId === queued.controlId);
  expect(await stored()).toEqual([]);

  await sandbox.shell("dpi", "rm /data/ballast");
  await expect.poll(stored, { timeout: 40_000 }).toMatchObject([{ code: "AA", repeats: 0 }]);
  expect(JSON.parse(await sandbox.shell("eai", "queue --json"))).toMatchObject({ waiting: 0, setAside: 0 });
});
