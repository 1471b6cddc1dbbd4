import { expect, test } from "vitest";
import { durationMs, readSettings, wholeNumber } from "../../src/settings.ts";

test("without an environment the settings are those of the documentation", async () => {
  const settings = await readSettings({});
  expect(settings).toMatchObject({ sendEveryMs: 20_000, maxPayloadBytes: 16_777_216, logFormat: "pretty" });
  expect(settings).toMatchObject({ retention: { keep: 10_000, keepDays: 30 }, storeSync: "full", finalCr: "required" });
  expect(settings.site.name).toBe("eai");
});

test("the environment chooses the site, and can turn the send loop off", async () => {
  const settings = await readSettings({ SITE: "dpi", SEND_EVERY: "off", LOG_FORMAT: "json" });
  expect(settings).toMatchObject({ sendEveryMs: undefined, logFormat: "json" });
  expect(settings.site.name).toBe("dpi");
});

test.each([
  ["SITE", "lab"],
  ["SITE", "../dpi"],
  ["SEND_EVERY", "often"],
  ["SEND_EVERY", "0"],
  ["LOG_FORMAT", "xml"],
  ["LOG_LEVEL", "loud"],
  ["MAX_PAYLOAD_BYTES", "16M"],
  ["FINAL_CR", "sometimes"],
  ["JOURNAL_KEEP", "0"],
  ["JOURNAL_KEEP_DAYS", "0"],
  ["JOURNAL_KEEP_DAYS", "36501"],
  ["STORE_SYNC", "off"],
  ["SIMULATOR", "none"],
])("%s=%s is refused by name, with what is allowed", async (name, value) => {
  await expect(readSettings({ [name]: value })).rejects.toMatchObject({
    code: "invalid-setting",
    message: expect.stringMatching(new RegExp(`${name}.*|${value}`)),
    hint: expect.any(String),
  });
});

test.each([
  ["on", true, true],
  ["off", false, false],
  ["send", true, false],
  ["listen", false, true],
])("SIMULATOR=%s: the site sends %s, listens %s", async (word, sends, listens) => {
  expect((await readSettings({ SIMULATOR: word })).simulator).toMatchObject({ sends, listens });
});

test("ENGINE is where a real engine listens; a name alone means the site's plain port", async () => {
  const engineOf = async (text: string) => (await readSettings({ SIMULATOR: "off", ENGINE: text })).engine;
  expect(await engineOf("engine.eai:6661")).toEqual({ host: "engine.eai", port: 6661 });
  expect(await engineOf("engine.eai")).toEqual({ host: "engine.eai", port: 22010 });
  expect(await engineOf("[2001:db8::1]:6661")).toEqual({ host: "2001:db8::1", port: 6661 });
  expect(await engineOf("")).toBeUndefined();
});

test.each([
  [{ SIMULATOR: "off", ENGINE: "engine:0" }, "no host or host:port"],
  [{ SIMULATOR: "off", ENGINE: "/var/run/engine" }, "no host or host:port"],
  [{ SIMULATOR: "off", ENGINE: ":6661" }, "no host or host:port"],
  [{ SIMULATOR: "off", ENGINE: "2001:db8::1" }, "no host or host:port"],
  [{ SIMULATOR: "off", ENGINE: "http://engine:6661" }, "no host or host:port"],
  [{ SIMULATOR: "off", ENGINE: "engine\nsetuid = root:6661" }, "no host or host:port"],
  [{ SIMULATOR: "off", ENGINE: "engine:6661.5" }, "no host or host:port"],
  [{ ENGINE: "engine:6661" }, "the site's own listener runs (SIMULATOR=on)"],
  [{ SIMULATOR: "listen", ENGINE: "engine:6661" }, "the site's own listener runs (SIMULATOR=listen)"],
])("%j is refused", async (environment, why) => {
  await expect(readSettings(environment)).rejects.toMatchObject({
    code: "invalid-setting",
    message: expect.stringContaining(why),
    hint: expect.stringMatching(/ENGINE=name:port|SIMULATOR=off/),
  });
});

test.each([
  [{ SEND_PORT: "6661", LISTEN_PORT: "6661" }, 6661],
  [{ SEND_PORT: "22010" }, 22010],
  [{ ENGINE: "localhost:21010" }, 21010],
  [{ ENGINE: "[::1]:32200" }, 32200],
  [{ ENGINE: "127.0.0.1:9464" }, 9464],
  [{ ENGINE: "plain.eai:21010", PLAIN_HOST: "plain.eai" }, 21010],
])(
  "%j gives what the peer sends to the site itself, and is refused where an engine is to listen",
  async (more, port) => {
    await expect(readSettings({ ...more, SIMULATOR: "send" })).rejects.toMatchObject({
      code: "invalid-setting",
      message: `an engine cannot listen on ${port}, which this site itself needs`,
      hint: expect.stringContaining("LISTEN_PORT"),
    });
  },
);

test("the site's own ports are anybody's on another machine", async () => {
  const { engine } = await readSettings({ SIMULATOR: "off", ENGINE: "engine.eai:21010", PLAIN_HOST: "plain.eai" });
  expect(engine).toEqual({ host: "engine.eai", port: 21010 });
});

test.each([
  ["500ms", 500],
  ["20s", 20_000],
  ["2m", 120_000],
  ["0.5", 500],
  ["20", 20_000],
  ["1.5ms", 2],
])("%s is %i ms", (text, ms) => {
  expect(durationMs(text, "--every")).toBe(ms);
});

test.each(["", "s", "-1", "1h30", "5x", "Infinity", "1e3", "25h", "1441m"])("%j is no duration", (text) => {
  expect(() => durationMs(text, "--every")).toThrow(expect.objectContaining({ code: "invalid-setting" }));
});

test.each(["0", "-1", "1.5", "ten", "", "70000"])("%j is no port", (text) => {
  expect(() => wholeNumber(text, "--port", 1, 65535)).toThrow(expect.objectContaining({ code: "invalid-setting" }));
});
