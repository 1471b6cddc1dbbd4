export interface Scale {
  /** How far up a value stands, from 0 to 1. */
  at: (value: number) => number;
  ticks: number[];
}

/** A scale from 0, or from the least value where one is below it, up to the most; its ticks are round. */
export function linear(values: number[], softMax = 0): Scale {
  const least = Math.min(0, ...values);
  const most = Math.max(softMax, ...values.map((value) => value * 1.05)) || 1;
  const rough = (most - least) / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const ticks = Array.from(
    { length: Math.floor((most - least) / step + 1e-9) + 1 },
    (_, index) => least + index * step,
  );
  return { at: (value) => (value - least) / (most - least), ticks };
}

/** A scale of powers of ten around what is positive among the values. */
export function logarithmic(values: number[], softMax = 0): Scale {
  const positive = values.filter((value) => value > 0);
  const from = Math.log10(Math.min(...positive, softMax || Number.POSITIVE_INFINITY)) - 0.1;
  const to = Math.log10(Math.max(...positive, softMax)) + 0.1;
  const powers = Array.from({ length: 20 }, (_, index) => index - 6).filter((power) => power >= from && power <= to);
  return {
    at: (value) => (Math.log10(Math.max(value, 10 ** from)) - from) / (to - from),
    ticks: powers.map((p) => 10 ** p),
  };
}
