/** How the file of a site came to its shape, step by step; `PRAGMA user_version` counts the steps taken. */
export const SCHEMA_STEPS = [
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
    answer BLOB NOT NULL,
    payload BLOB NOT NULL
  ) STRICT;
  INSERT INTO journal (id, receivedAtMs, peer, type, controlId, code, answer, payload)
    SELECT id, receivedAtMs, peer, type, controlId, code, CAST(X'0B' || acknowledgment || X'1C0D' AS BLOB), payload
    FROM journal_before ORDER BY id;
  DROP TABLE journal_before;
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
