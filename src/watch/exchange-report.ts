import { ERROR_CODES, SafeTunnelError } from "../errors.ts";
import { ascii, printable } from "../hl7/text.ts";
import type { ExchangedFact, FailedFact, Observer } from "./observer.ts";

/** What a "send" tells the site beside which it runs. */
export interface ExchangeReport {
  site: string;
  exchanged: ExchangedFact[];
  failed: FailedFact[];
}

const MAX_WORDS = 1000;

/** Tells an observer what stands in a report for this site, cut and made printable as of any other process. Throws `invalid-setting`. */
export function tellReport(text: string, site: string, observer: Observer): void {
  const report = parse(text);
  if (report.site !== site) throw invalid(`it is of the site ${words(report.site)}`);
  // all of it is read before any of it is told
  const exchanged = list(report.exchanged).map((fact) => ({
    ...named(fact),
    code: word(fact.code),
    sizeBytes: amount(fact.sizeBytes),
    durationMs: amount(fact.durationMs),
    from: socketIn(fact),
  }));
  const failed = list(report.failed).map((fact) => {
    const error = ERROR_CODES.find((code) => code === fact.error);
    if (!error) throw invalid("an error that is none of ours");
    return {
      ...named(fact),
      error,
      sendable: fact.sendable !== false,
      reason: words(fact.reason),
      hint: words(fact.hint),
      from: socketIn(fact),
    };
  });
  for (const fact of exchanged) observer.exchanged(fact);
  for (const fact of failed) observer.exchangeFailed(fact);
}

type Told = Record<string, unknown>;

function parse(text: string): Told {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Told;
  } catch {}
  throw invalid("no JSON object");
}

function list(value: unknown): Told[] {
  if (Array.isArray(value) && value.every((one) => typeof one === "object" && one !== null)) return value as Told[];
  throw invalid("a list that is none");
}

const named = ({ type, controlId, traceId }: Told) => ({
  type: word(type),
  controlId: word(controlId),
  traceId: typeof traceId === "string" && /^[0-9a-f]{32}$/.test(traceId) ? traceId : undefined,
});

/** It is looked for among the sockets of Stunnel, and written nowhere. */
const socketIn = ({ from }: Told): string | undefined => (typeof from === "string" ? from : undefined);

const word = (value: unknown): string => printable(text(value));

const words = (value: unknown): string => ascii(text(value)).slice(0, MAX_WORDS);

function text(value: unknown): string {
  if (typeof value === "string") return value;
  throw invalid("no text where one belongs");
}

function amount(value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value) && value >= 0) return value;
  throw invalid("no amount where one belongs");
}

const invalid = (why: string) =>
  new SafeTunnelError("invalid-setting", `this is no report of exchanges: ${why}`, {
    hint: 'it comes from a "send" of another version: use the one of this image',
  });
