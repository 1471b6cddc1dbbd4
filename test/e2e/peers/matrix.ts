import type { Status } from "../../../src/check/finding.ts";
import { aligned } from "../lab/page.ts";
import type { Judged } from "./judge.ts";

const HEAD = ["peer", "where it stops", "fails", "warns"];

/** Returns what a check said of each peer as one page: a line a peer, in the order of their names. */
export function matrixOf(judged: Judged[]): string {
  const rows = judged.map((one) => [one.name, one.place ?? "-", idsOf(one, "fail"), idsOf(one, "warn")]);
  return aligned([HEAD, ...rows.toSorted(([one = ""], [other = ""]) => one.localeCompare(other))]);
}

const idsOf = ({ findings }: Judged, status: Status): string =>
  findings
    .filter((finding) => finding.status === status)
    .map(({ id }) => id)
    .join(" ");
