import pino from "pino";
import { vi } from "vitest";
import { Trust } from "../../src/commands/trust.ts";
import { readConf, type StunnelConf } from "../../src/site/stunnel-conf.ts";
import type { Tunnel } from "../../src/site/tunnel.ts";
import { type Observer, UNWATCHED } from "../../src/watch/observer.ts";
import { Scratch } from "./scratch.ts";
import { authority, leaf, listOf } from "./trust-kit.ts";

/** A site's files, the log of what is said of them, and a Stunnel that does what it is told. */
export async function prepareTrust(observer: Observer = UNWATCHED) {
  const scratch = new Scratch();
  const of = (file: string) => scratch.path(file);
  const files = [`cert = ${of("eai.crt")}`, `key = ${of("eai.key")}`, `CAfile = ${of("ca.crt")}`];
  scratch.write("stunnel.conf", [...files, `CRLfile = ${of("ca.crl")}`, "[a]", "accept = 1", ""].join("\n"));
  scratch.write("eai.crt", leaf.certificate);
  scratch.write("eai.key", leaf.key);
  scratch.write("ca.crt", authority.certificate);
  scratch.write("ca.crl", listOf(authority));

  const said: { level: number; event: string; msg: string; path?: string; daysLeft?: number; code?: string }[] = [];
  const log = pino({ base: null, timestamp: false }, { write: (line: string) => void said.push(JSON.parse(line)) });
  const asked: string[] = [];
  const stub = {
    reload: vi.fn(async (): Promise<undefined> => void asked.push("reload")),
    restart: async () => void asked.push("restart"),
  };
  const kept = vi.fn(async (_: StunnelConf) => {});
  const trust = await Trust.load(() => readConf(scratch.path("stunnel.conf")), log, observer, kept);
  const dispose = () => {
    trust[Symbol.dispose]();
    scratch[Symbol.dispose]();
  };
  /** The events of a level at least, in their order. */
  const events = (level = 40) => said.filter((line) => line.level >= level).map(({ event }) => event);
  const reload = (force?: boolean) => trust.reload(stub as unknown as Tunnel, force);
  return { scratch, trust, kept, stub, asked, said, events, reload, [Symbol.dispose]: dispose };
}
