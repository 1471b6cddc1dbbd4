import type { Counter } from "prom-client";

/** The codes of an acknowledgment. */
export const CODES = ["AA", "AE", "AR", "CA", "CE", "CR"] as const;

/** What stands for every value that is not known: others choose it, and could fill the memory with series. */
const OTHER = "other";

/** Counts by one more label, whose every series begins at 0, so that a rate sees its first step. */
export function countBy(counter: Counter, labels: string[], known: readonly string[]): (value: string) => void {
  const children = new Map([...known, OTHER].map((value) => [value, counter.labels(...labels, value)]));
  for (const child of children.values()) child.inc(0);
  const other = children.get(OTHER);
  // looked up, and not made, for each message
  return (value) => (children.get(value) ?? other)?.inc();
}

/** Counts by two more labels. */
export function countByTwo(
  counter: Counter,
  labels: string[],
  first: readonly string[],
  second: readonly string[],
): (first: string, second: string) => void {
  const counts = new Map([...first, OTHER].map((value) => [value, countBy(counter, [...labels, value], second)]));
  const other = counts.get(OTHER);
  return (one, two) => (counts.get(one) ?? other)?.(two);
}
