import type { Status } from "../../../src/check/finding.ts";
import type { Outcome } from "./bench.ts";
import type { Fault } from "./fault.ts";

const HEAD = ["fault", "fails", "warns", "leg to the peer", "leg from the peer", "s"];

/** What a fault is to look like, or looks like. */
interface Cells {
  fault: string;
  exit: number;
  fails: string[];
  warns: string[];
  skips: string[] | undefined;
  to: string;
  from: string;
}

/** Returns what "check" has to say of a fault. */
export function cellsOf({ name, fails = [], warns = [], skips, to = "works", from = "works" }: Fault): Cells {
  const exit = fails.length > 0 || to !== "works" ? 1 : 0;
  return { fault: name, exit, fails: fails.toSorted(), warns: warns.toSorted(), skips: skips?.toSorted(), to, from };
}

/** Returns what it said, in the same form. */
export function cellsSeen({ fault, code, told }: Outcome): Cells {
  const skips = fault.skips && idsOf(told, "skip");
  const [fails, warns] = [idsOf(told, "fail"), idsOf(told, "warn")];
  return {
    fault: fault.name,
    exit: code,
    fails,
    warns,
    skips,
    to: told.legs.to.code,
    from: told.legs.from?.code ?? "",
  };
}

const idsOf = ({ findings }: Outcome["told"], wanted: Status): string[] =>
  findings
    .filter(({ status }) => status === wanted)
    .map(({ id }) => id)
    .sort();

/** Returns all outcomes as a table in Markdown. */
export function matrixOf(outcomes: Outcome[]): string {
  const rows = outcomes.map((outcome) => {
    const { fault, fails, warns } = cellsSeen(outcome);
    const { legs, durationMs } = outcome.told;
    const said = (leg: typeof legs.from) => (leg ? `${leg.code}: ${leg.sentence}` : "");
    return [fault, fails.join(", "), warns.join(", "), said(legs.to), said(legs.from), (durationMs / 1000).toFixed(1)];
  });
  return [HEAD, HEAD.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
}
