import pino from "pino";
import { tellWaiting, timeToTellMs } from "../../src/log/afterwards.ts";

/** A log that keeps its lines, with the times of the real one. */
export function keptLog(level: "debug" | "info") {
  const lines: string[] = [];
  const timestamp = () => `,"atMs":${timeToTellMs()}`;
  const log = pino({ level, timestamp }, { write: (line: string) => void lines.push(line) });
  /** Returns the lines so far, with what is still to be told. */
  const logged = () => {
    tellWaiting();
    return lines;
  };
  return { log, logged: () => logged().join(""), events: () => logged().map((line) => JSON.parse(line).event) };
}
