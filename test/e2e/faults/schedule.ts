import type { SiteName } from "../sandbox/index.ts";

const BOTH: SiteName[] = ["eai", "dpi"];

/** What can be done to a site, and to which. The clock is the one site's whose image has libfaketime. */
const SITES_OF = {
  kill: BOTH,
  "kill-stunnel": BOTH,
  "kill-node": BOTH,
  network: BOTH,
  address: BOTH,
  silence: BOTH,
  stop: ["dpi"],
  "clock+1h": ["dpi"],
  "clock-1h": ["dpi"],
  "clock+0h": ["dpi"],
} satisfies Record<string, SiteName[]>;

export type Kind = keyof typeof SITES_OF;

/** One fault of the schedule. */
export interface Step {
  kind: Kind;
  site: SiteName;
  /** How long it lasts, where nothing else ends it. */
  holdMs: number;
  /** In a stop: when the other site is killed, whose outbox grows meanwhile. */
  killAfterMs: number;
}

const KINDS = Object.keys(SITES_OF) as Kind[];
const CLOCKS = KINDS.filter((kind) => kind.startsWith("clock"));
const STOP_MS = 60_000;

/** Returns every fault of every site once, in an order and with durations that the seed decides. */
export function scheduleOf(seed: number): Step[] {
  const random = randomOf(seed);
  const from = (least: number, most: number) => Math.round(least + random() * (most - least));
  const steps = KINDS.flatMap((kind) =>
    SITES_OF[kind].map((site) => ({
      kind,
      site,
      holdMs: kind === "stop" ? STOP_MS : from(1000, 4000),
      killAfterMs: from(5000, 45_000),
    })),
  );
  for (let last = steps.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [steps[last], steps[other]] = [steps[other] as Step, steps[last] as Step];
  }
  // wherever they fall, the clock goes ahead, then behind, then right again
  const clocks = [...CLOCKS];
  return steps.map((step) => (CLOCKS.includes(step.kind) ? { ...step, kind: clocks.shift() ?? step.kind } : step));
}

/** Says a schedule in one line a fault. */
export function sayStep({ kind, site, holdMs, killAfterMs }: Step): string {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  if (kind === "stop") return `stop ${site} for ${seconds(holdMs)}, and kill the other after ${seconds(killAfterMs)}`;
  const lasts = kind === "kill" || kind === "network" || kind === "address";
  return lasts ? `${kind} ${site} for ${seconds(holdMs)}` : `${kind} ${site}`;
}

/** The generator mulberry32: numbers from 0 to 1 that one seed always gives in the same order. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
