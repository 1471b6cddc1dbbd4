import { follow, type Sandbox, type SiteName } from "../sandbox/index.ts";

/** A line of a site's stunnel.log: pino's level (30 info, 40 warn, 50 error), and which connection it is about. */
interface LogLine {
  level: number;
  time: string;
  connection: string;
  msg: string;
}

/** What Stunnel says of one connection. */
interface Told {
  lines: string[];
  /** Those of the lines that warn a person who reads the log as it is by default. */
  warnings: string[];
  lastedMs: number;
}

/** The log of a site's Stunnel, its own lines to the last, as they are written. */
export class StunnelLog {
  readonly #follower: ReturnType<typeof follow>;

  constructor(sandbox: Sandbox, site: SiteName) {
    this.#follower = follow(sandbox, site, ["tail", "--lines", "+1", "--follow", "/data/log/stunnel.log"]);
  }

  #lines(): LogLine[] {
    const whole = this.#follower.printed().split("\n").slice(0, -1);
    return whole.map((line) => JSON.parse(line) as LogLine);
  }

  /** Returns the numbers of the connections of which a line matches, in the order of the lines. */
  connectionsWith(words: RegExp): string[] {
    return this.#lines().flatMap(({ msg, connection }) => (words.test(msg) ? [connection] : []));
  }

  /** Returns what it says of a connection. */
  of(connection: string): Told {
    const told = this.#lines().filter((line) => line.connection === connection);
    const [first = 0, last = 0] = [told.at(0), told.at(-1)].map((line) => Date.parse(line?.time ?? ""));
    return {
      lines: told.map(({ msg }) => msg),
      warnings: told.filter(({ level }) => level > 30).map(({ msg }) => msg),
      lastedMs: last - first,
    };
  }

  [Symbol.dispose](): void {
    this.#follower[Symbol.dispose]();
  }
}
