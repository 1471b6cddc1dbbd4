import pino from "pino";
import { expect, test, vi } from "vitest";
import { Sender } from "../../src/commands/exchange.ts";
import { tellEngine } from "../../src/commands/site-engine.ts";
import { startListening } from "../../src/commands/site-listener.ts";
import { startSending } from "../../src/commands/site-sender.ts";
import { readSettings } from "../../src/settings.ts";
import { parseConf } from "../../src/site/stunnel-conf.ts";
import { UNWATCHED } from "../../src/watch/observer.ts";
import { following } from "./followed.ts";
import { accept, serve } from "./peer.ts";
import { SiteStore } from "./site-store.ts";

const log = pino({ level: "silent" }) as never;

/** A site of one role, with a far side that counts what its sender brings. */
async function prepare(word: string) {
  const kept = new SiteStore();
  const { outbox, journal } = kept;
  const environment = { SIMULATOR: word, DATA_DIR: kept.folder, SEND_EVERY: "50ms", LOG_LEVEL: "error" };
  const read = await readSettings(environment);
  // a port that is free
  const settings = { ...read, site: { ...read.site, listenPort: 0 } };
  const stop = new AbortController();
  const listening = { settings, journal, log, observer: UNWATCHED };
  return {
    outbox,
    stop,
    listen: () => startListening({ ...listening, connections: following().connections, stop: stop.signal }),
    send: (port: number) => {
      const limits = { timeoutMs: 2000, maxPayloadBytes: 100_000 };
      const sender = new Sender({ host: "127.0.0.1", port }, limits);
      return startSending(settings, outbox, sender, UNWATCHED, stop.signal).finally(() => sender[Symbol.dispose]());
    },
    [Symbol.dispose]: () => {
      stop.abort();
      kept[Symbol.dispose]();
    },
  };
}

test.each([
  ["on", true],
  ["listen", true],
  ["send", false],
  ["off", false],
])("SIMULATOR=%s: a listener of the site's own takes the port: %s", async (word, listens) => {
  using site = await prepare(word);
  await using server = await site.listen();
  expect(server !== undefined).toBe(listens);
});

test.each(["listen", "off"])(
  "SIMULATOR=%s: nothing is put into the outbox, and what waits there stays",
  async (word) => {
    using site = await prepare(word);
    const arrived = vi.fn(accept);
    await using far = await serve(arrived);
    await site.outbox.put({ type: "MDM^T02", controlId: "A", payload: Buffer.from("x") }, Date.now());
    // it ends by itself, for it has nothing to do
    await site.send(far.port);
    expect(site.outbox.counts()).toEqual({ waiting: 1, setAside: 0 });
    expect(arrived).not.toHaveBeenCalled();
  },
);

test.each(["send", "on"])("SIMULATOR=%s: the site sends by itself", async (word) => {
  using site = await prepare(word);
  const arrived = vi.fn(accept);
  await using far = await serve(arrived);
  const sending = site.send(far.port);
  await expect.poll(() => site.outbox.lastDelivered(5).length, { timeout: 8000 }).toBeGreaterThan(0);
  site.stop.abort();
  await sending;
  expect(arrived).toHaveBeenCalled();
});

test.each([
  ["off", {}, "an engine sends to 127.0.0.1:21010 and listens on 127.0.0.1:22010"],
  ["off", { PLAIN_HOST: "plain.eai", ENGINE: "engine:6661" }, "sends to plain.eai:21010 and listens on engine:6661"],
  ["send", {}, "simulator off (SIMULATOR=send): an engine listens on 127.0.0.1:22010"],
  ["listen", {}, "simulator off (SIMULATOR=listen): an engine sends to 127.0.0.1:21010"],
  ["on", {}, undefined],
])("the log says which role is an engine's: SIMULATOR=%s %j", async (word, environment, said) => {
  const lines: string[] = [];
  const write = (_: object, text: string) => void lines.push(text);
  const settings = await readSettings({ SIMULATOR: word, ...environment });
  tellEngine(settings, parseConf("", ""), { info: write, warn: write } as never);
  expect(lines).toEqual(said === undefined ? [] : [expect.stringContaining(said)]);
});

test("the log says where an engine listens in a stunnel.conf of one's own", async () => {
  const write = vi.fn();
  const conf = parseConf("[in]\naccept = 1\nconnect = 127.0.0.1:6661\nconnect = /run/engine.sock\n", "own.conf");
  tellEngine(await readSettings({ SIMULATOR: "send" }), conf, { info: write, warn: write } as never);
  expect(write.mock.calls.map(([, text]) => text)).toEqual([
    "simulator off (SIMULATOR=send): an engine listens on 127.0.0.1:6661, /run/engine.sock",
  ]);
});
