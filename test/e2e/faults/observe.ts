import { expect } from "vitest";
import { followLog, type Sandbox, type SiteName } from "../sandbox/index.ts";

/** What has been stored: each entry once, and how often each came again. */
interface Stored {
  controlIds: string[];
  repeated: number;
  newestAtMs: number;
}

/** A message of an outbox that was acknowledged, as "queue delivered --json" tells it. */
export interface Delivered {
  id: number;
  controlId: string;
  code: string;
}

export const SITES: SiteName[] = ["eai", "dpi"];
export const otherOf = (site: SiteName): SiteName => (site === "eai" ? "dpi" : "eai");

/** Waits until a site has an acknowledgment that came after a moment, and returns when that was seen (monotonic). */
export async function acknowledgedAgain(sandbox: Sandbox, sender: SiteName, since: Date): Promise<number> {
  // by the clock of Docker, which no fault moves
  const followed = () => followLog(sandbox, sender, "--since", since.toISOString());
  let log = followed();
  using _ = { [Symbol.dispose]: () => log[Symbol.dispose]() };
  const told = () => {
    // it ends with its site, which comes back
    if (log.hasEnded()) log = followed();
    return log.printed();
  };
  await expect.poll(told, { timeout: 60_000 }).toMatch(/sent .*: acknowledged AA/);
  return performance.now();
}

/** Returns how often a site's sender has waited in vain on a connection that stayed open. */
export async function timeoutsOf(sandbox: Sandbox, site: SiteName): Promise<number> {
  return Number(await sandbox.shell(site, "grep -c acknowledgment-timeout /data/log/send.log || true"));
}

/** Returns how many messages wait in a site's outbox, and how many were set aside. */
export async function outboxOf(sandbox: Sandbox, site: SiteName): Promise<{ waiting: number; setAside: number }> {
  return JSON.parse(await sandbox.mustExec(site, "queue", "--json"));
}

/** Returns the control IDs of which a site's send loop has said that they are in the outbox. */
export async function queuedBy(sandbox: Sandbox, site: SiteName): Promise<string[]> {
  const lines = await sandbox.shell(site, "grep message-queued /data/log/send.log");
  return [...lines.matchAll(/"controlId":"([^"]+)"/g)].map(([, controlId = ""]) => controlId);
}

/** Returns all that a site's outbox has delivered, the oldest first. */
export async function deliveredBy(sandbox: Sandbox, site: SiteName): Promise<Delivered[]> {
  const lines = await sandbox.mustExec(site, "queue", "delivered", "--last", "1000000", "--json");
  return lines
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Delivered);
}

/** Reads the journal itself, since "listen --json" would bring every payload too. */
const READ_JOURNAL = `
  const { DatabaseSync } = require("node:sqlite");
  const db = new DatabaseSync("/data/site.db", { readOnly: true });
  const rows = db.prepare("SELECT controlId, receivedAtMs FROM journal ORDER BY id").all();
  const controlIds = rows.map((row) => row.controlId);
  const newestAtMs = rows.at(-1)?.receivedAtMs ?? 0;
  const { repeated } = db.prepare("SELECT coalesce(sum(times), 0) AS repeated FROM repeats").get();
  console.log(JSON.stringify({ controlIds, repeated, newestAtMs }));`;

/** Returns what a site has stored, in the order in which it was stored. */
export async function storedBy(sandbox: Sandbox, site: SiteName): Promise<Stored> {
  return JSON.parse(await sandbox.mustExec(site, "node", "--no-warnings", "-e", READ_JOURNAL));
}
