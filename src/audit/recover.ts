import { claimOf, traceIdOf } from "../hl7/claim.ts";
import { Message } from "../hl7/message.ts";
import { legNamesOf, type SiteFacts } from "../site/facts.ts";
import type { Journal, JournalFacts } from "../store/journal.ts";
import { outcomeOf } from "./auditor.ts";
import { told } from "./record.ts";
import { lastJournalId } from "./resume.ts";
import type { Trail } from "./trail.ts";

const ROWS_AT_ONCE = 500;

/** Appends what the journal has beyond the last record, which a kill has kept from the trail. Throws `store-failed`. */
export function recover(trail: Trail, directory: string, journal: Journal, site: SiteFacts): void {
  const { from: leg } = legNamesOf(site);
  const last = lastJournalId(directory);
  // a store that was begun anew counts from 1
  let seen = last <= journal.lastId() ? last : 0;
  for (;;) {
    const rows = journal.factsAfter(seen, ROWS_AT_ONCE);
    for (const row of rows) {
      const { id, receivedAtMs, type, controlId, code, sizeBytes } = row;
      const message = { type, controlId, traceId: traceIdIn(row), sizeBytes, code };
      const facts = told({ leg, ...message, journalId: id, recovered: true });
      trail.append({ kind: "import", outcome: outcomeOf(code), atMs: receivedAtMs, facts });
      seen = id;
    }
    trail.flush();
    if (rows.length < ROWS_AT_ONCE) return;
  }
}

/** What was refused has no claim in the journal. */
function traceIdIn({ claim, head }: JournalFacts): string | undefined {
  if (claim) return traceIdOf(claim);
  try {
    return traceIdOf(claimOf(Message.read(Buffer.from(head ?? []))));
  } catch {
    return undefined;
  }
}
