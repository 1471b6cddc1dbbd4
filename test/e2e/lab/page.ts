import type { Seen } from "./observe.ts";

const HEAD = ["case", "it is", "TLS", "verdict", "refused by", "its words", "the other reads", "sender sees"];

/** Returns what was seen as one page: a line a case and role, where sites and versions agree. */
export function pageOf(seen: Seen[]): string {
  const lines = new Map<string, { cells: string[]; versions: Set<string>; sites: Set<string> }>();
  for (const { name, as, site, version, outcome, sender } of seen) {
    const accepted = outcome === "accepted";
    const by = accepted ? "" : outcome.refusedBy === "site" ? "the site" : "the peer";
    const cells = accepted ? ["accepted", "", "", "", sender] : ["refused", by, outcome.words, outcome.reads, sender];
    const key = [name, as, ...cells].join("\t");
    const line = lines.get(key) ?? { cells, versions: new Set(), sites: new Set() };
    line.versions.add(version === "1" ? "1.0" : version);
    line.sites.add(site);
    lines.set(key, line);
  }
  const rows = [...lines].map(([key, { cells, versions, sites }]) => {
    const [name = "", as = ""] = key.split("\t");
    const where = sites.size === 2 ? as : `${as} (${[...sites].join()})`;
    return [name, where, [...versions].join(", "), ...cells];
  });
  return aligned([HEAD, ...rows]);
}

/** Returns rows as lines with their columns under each other. */
export function aligned(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
