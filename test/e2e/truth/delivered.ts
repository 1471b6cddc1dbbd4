import type { Fault } from "./fault.ts";

/** Where nothing is wrong. */
export const DELIVERED: Fault[] = [
  { name: "as delivered", skips: [] },
  { name: "as delivered, asked at DPI", at: "dpi", skips: [] },
  {
    name: "as delivered, without --exchange",
    args: [],
    skips: ["exchange.acknowledged", "exchange.negative", "exchange.round-trip"],
  },
];

/** When every fault is mended. */
export const MENDED: Fault = { name: "as delivered, once more", skips: [] };
