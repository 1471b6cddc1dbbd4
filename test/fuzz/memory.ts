interface Sample {
  sentBytes: number;
  residentBytes: number;
}

/** What became of the memory of a process in a run. */
export interface Growth {
  firstBytes: number;
  lastBytes: number;
  /** From the second third of the run to the last, by the median of each; null where too little was sent to tell. */
  grownBytes: number | null;
}

const MEBIBYTE = 1024 * 1024;

/** How much may be noise: a listener that keeps nothing stays within 3 MiB. */
export const MAX_GROWN_BYTES = 6 * MEBIBYTE;
/** How much has to be sent in a third of a run, so that a quarter of it kept would be seen. */
const TELLING_BYTES = 4 * MAX_GROWN_BYTES;

/** Returns what samples taken at equal distances say; the first third of them is the warming up. */
export function growthOf(samples: Sample[]): Growth {
  const third = Math.floor(samples.length / 3);
  const [middle, last] = [samples.slice(third, 2 * third), samples.slice(2 * third)];
  const sentBytes = (last.at(-1)?.sentBytes ?? 0) - (last[0]?.sentBytes ?? 0);
  const telling = middle.length > 0 && sentBytes >= TELLING_BYTES;
  return {
    firstBytes: samples[0]?.residentBytes ?? 0,
    lastBytes: samples.at(-1)?.residentBytes ?? 0,
    grownBytes: telling ? median(last) - median(middle) : null,
  };
}

function median(samples: Sample[]): number {
  const sorted = samples.map(({ residentBytes }) => residentBytes).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
