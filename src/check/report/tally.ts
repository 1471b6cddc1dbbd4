import { type Finding, STATUSES, type Status } from "../finding.ts";
import { GROUPS, type Group, groupOf } from "../questions.ts";

/** Returns how many findings have each status. */
export function countsOf(findings: readonly Finding[]): Record<Status, number> {
  const counted = STATUSES.map((status) => [status, findings.filter((one) => one.status === status).length]);
  return Object.fromEntries(counted) as Record<Status, number>;
}

/** Returns the findings under their groups, in the order of the groups; a group of which nothing came is left out. */
export function inGroups(findings: readonly Finding[]): { group: Group; findings: Finding[] }[] {
  return (Object.keys(GROUPS) as Group[])
    .map((group) => ({ group, findings: findings.filter(({ id }) => groupOf(id) === group) }))
    .filter((each) => each.findings.length > 0);
}
