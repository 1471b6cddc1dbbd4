import type { PlaceCode } from "../../../src/check/finding.ts";
import type { FindingId } from "../../../src/check/questions.ts";
import type { SiteName } from "../sandbox/index.ts";
import type { Bench } from "./bench.ts";

/** Settings of a stunnel.conf that are others than as delivered: of all, of the leg to the peer, of the leg from it. */
export interface Change {
  global?: Settings;
  to?: Settings;
  from?: Settings;
  /** A service more. */
  further?: string;
}

/** What a setting is instead; null where it is missing. */
type Settings = Record<string, string | null>;

/** One thing that is wrong, and all that "check" has to say of it. */
export interface Fault {
  name: string;
  eai?: Change;
  dpi?: Change;
  /** Where our own Stunnel cannot run on its new files: it goes on with the old ones. */
  isRefused?: true;
  /** What is done beside the configurations, and undone by what it returns. */
  cause?: (bench: Bench) => Promise<AsyncDisposable>;
  /** Who asks; EAI unless it is said, and "nobody" is EAI's container with no site in it. */
  at?: SiteName | "nobody";
  /** What is asked beside --json; --exchange unless it is said. */
  args?: string[];
  /** Where the peer comes before the fault, since it cannot come then, or would wait for an end that does not come. */
  isVisitedBefore?: true;
  /** Exactly these fail. */
  fails?: FindingId[];
  /** Exactly these are warnings. */
  warns?: FindingId[];
  /** Exactly these are not judged; not looked at unless it is said. */
  skips?: FindingId[];
  /** Where the legs stop; without a word they work. */
  to?: PlaceCode;
  from?: PlaceCode;
  /** What the sentence about each leg has to say. */
  says?: RegExp;
  saysFrom?: RegExp;
}

/** What fails where neither leg carries a message. */
export const BOTH_LEGS: FindingId[] = ["exchange.tunnel", "exchange.from"];

/** Returns a stunnel.conf with a change. */
export function changed(text: string, change: Change = {}): string {
  const [global = "", ...services] = text.split(/^(?=\[)/m);
  const sideOf = (service: string) => (/^client = yes$/m.test(service) ? change.to : change.from);
  return (
    withSettings(global, change.global) +
    services.map((one) => withSettings(one, sideOf(one))).join("") +
    (change.further ?? "")
  );
}

function withSettings(part: string, settings: Settings = {}): string {
  return Object.entries(settings).reduce((text, [name, value]) => {
    const line = new RegExp(`^${name} = .*\n`, "m");
    const fresh = value === null ? "" : `${name} = ${value}\n`;
    return line.test(text) ? text.replace(line, fresh) : `${text.trimEnd()}\n${fresh}\n`;
  }, part);
}
