import { Auditor } from "../audit/auditor.ts";
import { trailDirectory } from "../audit/files.ts";
import { recover } from "../audit/recover.ts";
import { endsWith } from "../audit/resume.ts";
import { Trail } from "../audit/trail.ts";
import { tellWaiting } from "../log/afterwards.ts";
import type { Log } from "../log/log.ts";
import type { Settings } from "../settings.ts";
import type { TunnelConnections } from "../site/tunnel-connections.ts";
import type { Journal } from "../store/journal.ts";

/** The trail of a site, and who writes it. */
interface SiteAudit extends Disposable {
  auditor: Auditor;
}

/**
 * Opens the audit trail of a site, and completes it by what a kill has kept from it. A disk that takes no record stops no
 * message: the log says so, and what the trail missed stands in it. Throws `file-unwritable`, `store-failed`.
 */
export function openAudit(
  { dataDir, site }: Settings,
  connections: TunnelConnections,
  journal: Journal,
  log: Log,
): SiteAudit {
  const directory = trailDirectory(dataDir);
  const trail = new Trail(directory, site.name, {
    onFailed: (reason) =>
      log.error(
        { event: "audit-failed" },
        `the audit trail in ${directory} takes no record, messages go on: ${reason}`,
      ),
    onBack: (missed) => {
      log.warn({ event: "audit-back", missed }, `the audit trail takes records again: ${missed} events have none`);
      if (missed > 0) auditor.recordingStarted({ missed });
    },
  });
  const auditor = new Auditor(trail, connections, site);
  const { aside, isNew } = trail;
  if (aside) {
    const now = aside.file ? `in ${aside.file} now` : "gone, since the disk had no room for them";
    const what = `${aside.bytes} bytes at the end of the audit trail were no whole record: they are ${now}`;
    log.warn({ event: "audit-aside", ...aside }, what);
  }
  if (aside || (!isNew && !endsWith(directory, "Application Stop")))
    auditor.recordingStarted({ why: "the site did not stop before", aside: aside?.file });
  recover(trail, directory, journal, site);
  const close = () => {
    tellWaiting();
    trail[Symbol.dispose]();
  };
  return { auditor, [Symbol.dispose]: close };
}
