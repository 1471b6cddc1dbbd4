import type { DatabaseSync } from "node:sqlite";
import { SafeTunnelError } from "../errors.ts";
import { START_ANEW } from "./sqlite-error.ts";

/** How the file of a site came to its shape, step by step; `PRAGMA user_version` counts the steps taken. */
const SCHEMA_STEPS = [
  // what version 0.1 had in the place of the journal; a new file passes through it
  `CREATE TABLE IF NOT EXISTS journal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    receivedAtMs INTEGER NOT NULL,
    peer TEXT NOT NULL,
    type TEXT NOT NULL,
    controlId TEXT NOT NULL,
    code TEXT NOT NULL,
    payload BLOB NOT NULL,
    acknowledgment BLOB NOT NULL
  ) STRICT`,

  // what is large stands last: SQLite reads a row from its start
  `ALTER TABLE journal RENAME TO journal_before;
  CREATE TABLE journal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    receivedAtMs INTEGER NOT NULL,
    peer TEXT NOT NULL,
    type TEXT NOT NULL,
    controlId TEXT NOT NULL,
    code TEXT NOT NULL,
    claim BLOB,
    number INTEGER NOT NULL,
    answer BLOB NOT NULL,
    payload BLOB NOT NULL
  ) STRICT;
  INSERT INTO journal (id, receivedAtMs, peer, type, controlId, code, number, answer, payload)
    SELECT id, receivedAtMs, peer, type, controlId, code, id, CAST(X'0B' || acknowledgment || X'1C0D' AS BLOB), payload
    FROM journal_before ORDER BY id;
  DROP TABLE journal_before;
  -- what was accepted, which has a claim, and what was refused are numbered each on their own
  CREATE UNIQUE INDEX journal_number ON journal (claim IS NULL, number);
  CREATE UNIQUE INDEX journal_claim ON journal (claim) WHERE claim IS NOT NULL;

  CREATE TABLE repeats (
    journalId INTEGER PRIMARY KEY REFERENCES journal (id) ON DELETE CASCADE,
    times INTEGER NOT NULL,
    lastAtMs INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queuedAtMs INTEGER NOT NULL,
    type TEXT NOT NULL,
    controlId TEXT NOT NULL,
    sizeBytes INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    setAsideAtMs INTEGER,
    payload BLOB NOT NULL
  ) STRICT;
  CREATE INDEX outbox_waiting ON outbox (id) WHERE setAsideAtMs IS NULL;

  CREATE TABLE delivered (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id INTEGER NOT NULL UNIQUE,
    queuedAtMs INTEGER NOT NULL,
    deliveredAtMs INTEGER NOT NULL,
    type TEXT NOT NULL,
    controlId TEXT NOT NULL,
    sizeBytes INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    code TEXT NOT NULL,
    durationMs INTEGER NOT NULL
  ) STRICT`,
];

/** Brings a new or an older file to the present shape; each step is taken once. Throws `store-failed`. */
export function complete(database: DatabaseSync): void {
  const { user_version: done } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  if (done > SCHEMA_STEPS.length)
    throw new SafeTunnelError("store-failed", `a newer version made it (shape ${done})`, {
      hint: `run that version, or ${START_ANEW}`,
    });
  if (done === SCHEMA_STEPS.length) return;
  // two processes may find the same new file
  database.exec("BEGIN IMMEDIATE");
  const { user_version: from } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  for (const step of SCHEMA_STEPS.slice(from)) database.exec(step);
  database.exec(`PRAGMA user_version = ${SCHEMA_STEPS.length}; COMMIT`);
}
