// stub until the dictionary lands
import type { X509Certificate } from "node:crypto";
import type { Meaning } from "./dictionary.ts";
export const whyRefused = (
  said: Meaning,
  _own: { chain: X509Certificate[]; authorities: X509Certificate[] },
  _now: Date,
) => said;
