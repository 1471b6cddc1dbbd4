import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { reasonOf, SafeTunnelError } from "./errors.ts";
import type { Endpoint } from "./mllp/endpoint.ts";
import { DEFAULT_MAX_PAYLOAD_BYTES } from "./mllp/frame.ts";
import { CONTROL_PORT } from "./site/control-port.ts";
import type { SiteFacts } from "./site/facts.ts";
import { type LinkLines, linkLines } from "./site/link.ts";
import { staysInside } from "./site/plain-side.ts";
import { type Simulator, simulatorOf } from "./site/simulator.ts";
import { placeIn } from "./site/stunnel-conf.ts";
import type { StoreSync } from "./store/open-database.ts";
import type { Retention } from "./store/retention.ts";

/** What the environment decides; only commands read it, and hand it down. */
export interface Settings {
  site: SiteFacts;
  siteDir: string;
  dataDir: string;
  /** What stands in the place of lines of stunnel.conf. */
  link: LinkLines;
  logFormat: "pretty" | "json";
  logLevel: "debug" | "info" | "warn" | "error";
  /** Whether metrics, audit trail and what a log says of each message are kept; `off` shows what they cost. */
  watch: "on" | "off";
  /** How often the send loop sends, or undefined where it is off. */
  sendEveryMs: number | undefined;
  maxPayloadBytes: number;
  /** Whether a message whose last segment has no CR is refused as cut short. */
  finalCr: "required" | "optional";
  /** How many messages, and for how many days, the journal keeps; the oldest go first. */
  retention: Retention;
  /** What a commit of the store survives. */
  storeSync: StoreSync;
  /** How the listener is to misbehave, or empty where it is not. */
  answer: string;
  /** A file of one's own that answers messages, or empty. */
  handler: string;
  /** The name of the site on the network from which it is watched, or empty where that is loopback alone. */
  watchHost: string;
  /** Which roles of an engine the site plays itself; the others are left to a real one. */
  simulator: Simulator;
  /** The name of the site on the network from which an engine sends to it in plain text, or empty. */
  plainHost: string;
  /** Where an engine listens in place of the site, or undefined where that is the site's plain port on loopback. */
  engine: Endpoint | undefined;
}

/** How often the send loop sends where nothing else is set. */
export const DEFAULT_SEND_EVERY = "20s";

const ROOT = join(import.meta.dirname, "..");

/** Reads the environment (the README lists the variables). Throws `invalid-setting`. */
export async function readSettings(environment: NodeJS.ProcessEnv = process.env): Promise<Settings> {
  const of = (name: string, otherwise: string) => environment[name] || otherwise;
  const name = of("SITE", "eai");
  const siteDir = join(ROOT, name);
  const every = of("SEND_EVERY", DEFAULT_SEND_EVERY);
  const facts = await readSite(name, siteDir);
  const port = (name: string, otherwise: number) => wholeNumber(of(name, String(otherwise)), name, 1, 65_535);
  const [sendPort, listenPort] = [port("SEND_PORT", facts.sendPort), port("LISTEN_PORT", facts.listenPort)];
  const site = { ...facts, sendPort, listenPort };
  const [peer, peerName] = [of("PEER", ""), of("PEER_NAME", "")];
  const plainHost = of("PLAIN_HOST", "");
  const simulator = simulatorOf(oneOf("SIMULATOR", of("SIMULATOR", "on"), ["on", "off", "send", "listen"]));
  const engine = engineIn(of("ENGINE", ""), site, simulator);
  if (!simulator.listens) requireOther(engine ?? { host: "127.0.0.1", port: listenPort }, site, plainHost);
  return {
    site,
    siteDir,
    dataDir: of("DATA_DIR", ".data"),
    link: linkLines({ peer, peerName, sendPort: of("SEND_PORT", ""), listenPort: of("LISTEN_PORT", "") }),
    logFormat: oneOf("LOG_FORMAT", of("LOG_FORMAT", "pretty"), ["pretty", "json"]),
    logLevel: oneOf("LOG_LEVEL", of("LOG_LEVEL", "info"), ["debug", "info", "warn", "error"]),
    watch: oneOf("WATCH", of("WATCH", "on"), ["on", "off"]),
    sendEveryMs: every === "off" ? undefined : periodMs(every, "SEND_EVERY"),
    maxPayloadBytes: wholeNumber(of("MAX_PAYLOAD_BYTES", String(DEFAULT_MAX_PAYLOAD_BYTES)), "MAX_PAYLOAD_BYTES"),
    finalCr: oneOf("FINAL_CR", of("FINAL_CR", "required"), ["required", "optional"]),
    retention: {
      keep: wholeNumber(of("JOURNAL_KEEP", "10000"), "JOURNAL_KEEP"),
      keepDays: wholeNumber(of("JOURNAL_KEEP_DAYS", "30"), "JOURNAL_KEEP_DAYS", 1, 36_500),
    },
    storeSync: oneOf("STORE_SYNC", of("STORE_SYNC", "full"), ["full", "normal"]),
    answer: of("ANSWER", ""),
    handler: of("HANDLER", ""),
    watchHost: of("WATCH_HOST", ""),
    simulator,
    plainHost,
    engine,
  };
}

async function readSite(name: string, siteDir: string): Promise<SiteFacts> {
  try {
    if (!/^[a-z0-9-]+$/.test(name)) throw new Error("not a site's name");
    const facts = (await import(pathToFileURL(join(siteDir, "site.ts")).href)) as { site: SiteFacts };
    return facts.site;
  } catch (cause) {
    throw new SafeTunnelError("invalid-setting", `no site "${name}" in this installation (SITE): ${reasonOf(cause)}`, {
      hint: "set SITE to eai or dpi",
      cause,
    });
  }
}

function engineIn(text: string, { listenPort }: SiteFacts, { listens, word }: Simulator): Endpoint | undefined {
  if (text === "") return undefined;
  const place = placeIn(/[:/]/.test(text) ? text : `${text}:${listenPort}`);
  if (!place)
    throw new SafeTunnelError("invalid-setting", `ENGINE is "${text}", which is no host or host:port`, {
      hint: `write ENGINE=name:port; a name alone is port ${listenPort}`,
    });
  if (listens)
    throw new SafeTunnelError("invalid-setting", `ENGINE is "${text}", but the site's own listener runs (${word})`, {
      hint: "set SIMULATOR=off, or SIMULATOR=send for the site's own sender",
    });
  return place;
}

/** Stunnel would send what the peer sends back to it, or let it tell this site what to do. */
function requireOther({ host, port }: Endpoint, { sendPort, tlsPort }: SiteFacts, plainHost: string): void {
  const own = staysInside(host) ? [sendPort, tlsPort, CONTROL_PORT] : host === plainHost ? [sendPort] : [];
  if (!own.includes(port)) return;
  throw new SafeTunnelError("invalid-setting", `an engine cannot listen on ${port}, which this site itself needs`, {
    hint: "set LISTEN_PORT, or the port in ENGINE, to another one than SEND_PORT and the site's other ports",
  });
}

const UNITS_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000 };
const MAX_DURATION_MS = 24 * 60 * 60 * 1000;

/** Reads a duration: 500ms, 20s, 2m, or a number of seconds. Throws `invalid-setting`. */
export function durationMs(text: string, name: string): number {
  const [, number, unit = "s"] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? [];
  const valueMs = Math.round(Number(number) * (UNITS_MS[unit] ?? Number.NaN));
  if (Number.isNaN(valueMs) || valueMs > MAX_DURATION_MS)
    throw new SafeTunnelError("invalid-setting", `${name} is "${text}", which is no duration up to 24 hours`, {
      hint: "write 500ms, 20s or 2m; a number alone is seconds",
    });
  return valueMs;
}

/** Reads a duration that cannot be nothing. Throws `invalid-setting`. */
export function periodMs(text: string, name: string): number {
  const valueMs = durationMs(text, name);
  if (valueMs > 0) return valueMs;
  throw new SafeTunnelError("invalid-setting", `${name} is "${text}", which is no time at all`, {
    hint: "write 500ms, 20s or 2m; to send nothing unasked, set SEND_EVERY=off",
  });
}

/** Reads a whole number from `least` to `most`. Throws `invalid-setting`. */
export function wholeNumber(text: string, name: string, least = 1, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} up` : `from ${least} to ${most}`;
    throw new SafeTunnelError("invalid-setting", `${name} is "${text}", which is no whole number ${range}`, {
      hint: `give ${name} a whole number ${range}`,
    });
  }
  return value;
}

function oneOf<T extends string>(name: string, text: string, known: readonly T[]): T {
  const found = known.find((one) => one === text);
  if (found !== undefined) return found;
  throw new SafeTunnelError("invalid-setting", `${name} is "${text}", known are ${known.join(", ")}`, {
    hint: `set ${name} to one of ${known.join(", ")}`,
  });
}
