import { randomInt } from "node:crypto";

let lastSecond = Number.NaN;
let lastTimestamp = "";

/** Returns a time as MSH-7 has it (HL7 data type TS): local, without a zone, to the second. */
export function timestamp(timeMs: number = Date.now()): string {
  const second = Math.floor(timeMs / 1000);
  if (second !== lastSecond) [lastSecond, lastTimestamp] = [second, written(new Date(timeMs))];
  return lastTimestamp;
}

function written(time: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  const day = `${time.getFullYear()}${two(time.getMonth() + 1)}${two(time.getDate())}`;
  return `${day}${two(time.getHours())}${two(time.getMinutes())}${two(time.getSeconds())}`;
}

const RADIX = 36;
const inRadix = (number: number, digits: number) => number.toString(RADIX).padStart(digits, "0").slice(-digits);

const processPart = inRadix(randomInt(RADIX ** 5), 5);
let counter = 0;

/**
 * Returns a message control ID that is new on this machine and, but for one chance in 60 million, anywhere:
 * prefix (3), milliseconds (8), process (5), counter (4), which fills the 20 characters that MSH-10 has in v2.5.
 */
export function newControlId(prefix: string, nowMs: number = Date.now()): string {
  counter = (counter + 1) % RADIX ** 4;
  const id = `${inRadix(nowMs, 8)}${processPart}${inRadix(counter, 4)}`.toUpperCase();
  return `${prefix.slice(0, 3).padEnd(3, "X")}${id}`;
}
