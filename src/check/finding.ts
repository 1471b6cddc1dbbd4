import type { Text } from "../languages.ts";
import type { FindingId } from "./questions.ts";

export const STATUSES = ["pass", "fail", "warn", "skip"] as const;
export type Status = (typeof STATUSES)[number];

/** What comes of one question: what was seen and, if that is not as it should be, one next action. */
export interface Finding {
  /** One of QUESTIONS; it never changes its meaning. */
  id: FindingId;
  status: Status;
  detail: Text;
  hint?: Text;
}

/** Where a leg stops, or that it works; `code` is stable. */
export interface Place {
  code: PlaceCode;
  sentence: Text;
  hint?: Text;
}

export type PlaceCode =
  | "works"
  | "near-stunnel-down"
  | "name-not-resolved"
  | "port-closed"
  | "packets-dropped"
  | "peer-not-tls"
  | "peer-silent"
  | "peer-refused-us"
  | "we-refused-peer"
  | "no-common-protocol"
  | "peer-is-ourselves"
  | "application-down"
  | "application-silent"
  | "application-negative"
  | "nobody-came"
  | "unclear";

export const pass = (id: FindingId, detail: Text): Finding => ({ id, status: "pass", detail });
export const fail = (id: FindingId, detail: Text, hint: Text): Finding => ({ id, status: "fail", detail, hint });
export const warn = (id: FindingId, detail: Text, hint: Text): Finding => ({ id, status: "warn", detail, hint });
/** What was not judged: `detail` says why, `hint` what it would take. */
export const skip = (id: FindingId, detail: Text, hint: Text): Finding => ({ id, status: "skip", detail, hint });
