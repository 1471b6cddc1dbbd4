/** The median of several rounds, and between what they lay. */
export interface Spread {
  median: number;
  least: number;
  most: number;
}

/** Returns median and spread of what the rounds gave. */
export function spreadOf(values: number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.round((sorted.length - 1) * share)] ?? 0;
  const middle = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
  return { median, least: at(0), most: at(1) };
}

/** Returns a number as people read it: three digits that count. */
export function figure(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString("en-US");
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** Returns a spread as "median (least to most)". */
export const spreadText = ({ median, least, most }: Spread): string =>
  `${figure(median)} (${figure(least)} to ${figure(most)})`;
