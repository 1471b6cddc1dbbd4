import { type Cause, DICTIONARY, type Meaning, meaningsOf } from "../check/dictionary/dictionary.ts";
import { ENDED } from "../check/probe/tunnel-log.ts";
import { ACCEPTED, type TunnelLine } from "../site/tunnel-line.ts";

/** Who hears what Stunnel's connections come to, each under the service that it is one of. */
export interface TunnelHearing {
  opened(service: string): void;
  ended(service: string): void;
  /** Once a connection at most, with the likeliest cause. */
  refused(service: string, cause: Cause, refusedBy: "here" | "far"): void;
  /** A Stunnel began, of which no connection is open: the one before may have been cut short. */
  started(version: string): void;
}

interface Followed {
  service: string;
  isRefused: boolean;
  /** A refusal whose reason stands in another line. */
  unexplained?: "here" | "far" | undefined;
}

const STARTED = /^stunnel (\S+) on /;
/** What is said beside the reason. */
const UNEXPLAINED: Cause = "certificate-refused";

/** Follows the connections in Stunnel's log, from the line that names the service to the one that tells the end. */
export class TunnelFollower {
  readonly #hearing: TunnelHearing;
  readonly #open = new Map<string, Followed>();

  constructor(hearing: TunnelHearing) {
    this.#hearing = hearing;
  }

  tunnelLine({ level, connection, text }: TunnelLine): void {
    const service = ACCEPTED.exec(text)?.[1];
    if (service !== undefined) {
      this.#open.set(connection, { service, isRefused: false });
      this.#hearing.opened(service);
      return;
    }
    const followed = this.#open.get(connection);
    if (!followed) this.#begin(text);
    else if (ENDED.test(text)) this.#end(connection, followed);
    // what is said of every good connection is not looked up, nor what concerns a probe of our own
    else if ((level === "error" || level === "warn") && !followed.isRefused) this.#judge(followed, text);
  }

  #begin(text: string): void {
    const version = STARTED.exec(text)?.[1];
    if (version === undefined) return;
    this.#open.clear();
    this.#hearing.started(version);
  }

  #judge(followed: Followed, text: string): void {
    const refusal = meaningsOf(text).find(({ refusedBy }) => refusedBy);
    if (!refusal?.refusedBy) return;
    const [cause] = refusal.causes;
    if (cause === UNEXPLAINED) followed.unexplained ??= refusal.refusedBy;
    else this.#refuse(followed, cause, refusal.refusedBy);
  }

  #refuse(followed: Followed, cause: Cause, refusedBy: "here" | "far"): void {
    followed.isRefused = true;
    this.#hearing.refused(followed.service, cause, refusedBy);
  }

  #end(connection: string, followed: Followed): void {
    if (!followed.isRefused && followed.unexplained) this.#refuse(followed, UNEXPLAINED, followed.unexplained);
    this.#open.delete(connection);
    this.#hearing.ended(followed.service);
  }
}

/** Every refusal that the dictionary knows, by its likeliest cause and by who refuses, each once. */
export function knownRefusals(): { cause: Cause; refusedBy: "here" | "far" }[] {
  const known = new Map<string, { cause: Cause; refusedBy: "here" | "far" }>();
  for (const { causes, refusedBy } of DICTIONARY as readonly Pick<Meaning, "causes" | "refusedBy">[])
    if (refusedBy) known.set(`${causes[0]} ${refusedBy}`, { cause: causes[0], refusedBy });
  return [...known.values()];
}
