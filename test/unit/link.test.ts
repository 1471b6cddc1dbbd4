import { describe, expect, test } from "vitest";
import { readSettings } from "../../src/settings.ts";
import { linkLines, withLines } from "../../src/site/link.ts";
import { keepConf, readSiteConf } from "../../src/site/plain-side.ts";
import { legsOf, parseConf, readConf } from "../../src/site/stunnel-conf.ts";
import { Scratch } from "./scratch.ts";

const settingsOf = (SITE: string, further: Record<string, string> = {}) => readSettings({ SITE, ...further });
/** What the site does before Stunnel reads its configuration. */
const writeSiteConf = async (settings: Awaited<ReturnType<typeof settingsOf>>) => {
  const conf = await readSiteConf(settings);
  await keepConf(conf, settings);
  return conf;
};
const none = { peer: "", peerName: "", sendPort: "", listenPort: "" };

test.each(["eai", "dpi"])("without settings %s's Stunnel reads the file as it is written by hand", async (site) => {
  const conf = await writeSiteConf(await settingsOf(site, { DATA_DIR: "/none" }));
  const { path, text } = await readConf(`${site}/stunnel.conf`);
  expect(conf.path.endsWith(`/${path}`)).toBe(true);
  expect(conf.text).toBe(text);
});

test("PEER is dialled, and is the name that both legs want; all else stays as it is written", async () => {
  using scratch = new Scratch();
  const further = { PEER: "dpi.hospital.example:42100", DATA_DIR: scratch.folder };
  const conf = await writeSiteConf(await settingsOf("eai", further));
  expect(scratch.read("stunnel.conf")).toBe(conf.text);
  const changed = (await readConf("eai/stunnel.conf")).text
    .replace("connect = dpi:32100", "connect = dpi.hospital.example:42100")
    .replaceAll("checkHost = dpi", "checkHost = dpi.hospital.example");
  expect(conf.text.split("\n").slice(1).join("\n")).toBe(changed);
  expect(conf.text).toMatch(/^; made of .*\/eai\/stunnel\.conf by the settings of this site/);
});

test("PEER_NAME is the name in the certificate where another one is dialled", async () => {
  const { to, from } = legsOf(await readSiteConf(await settingsOf("eai", { PEER: "haproxy:2575", PEER_NAME: "dpi" })));
  expect(to).toMatchObject({ connect: [{ host: "haproxy", port: 2575 }], names: ["dpi"] });
  expect(from?.names).toEqual(["dpi"]);
});

test.each([
  ["PEER", "[2001:db8::1]:32100", "2001:db8::1:32100"],
  ["PEER", "192.0.2.7:32100", "192.0.2.7:32100"],
])("%s=%s is dialled where PEER_NAME says whose certificate it shows", (_, peer, connect) => {
  expect(linkLines({ ...none, peer, peerName: "dpi" }).to).toEqual({ connect, checkHost: "dpi" });
});

test.each([
  ["the host of PEER", { peer: "dpi.hospital.example.:32100" }],
  ["PEER_NAME", { peerName: "dpi.hospital.example." }],
])("the dot that ends a whole name in %s is not asked of a certificate", (_, settings) => {
  expect(linkLines({ ...none, ...settings }).from).toEqual({ checkHost: "dpi.hospital.example" });
});

test("the plain ports are changed for Stunnel, for the listener and for who sends", async () => {
  const settings = await settingsOf("dpi", { SEND_PORT: "6661", LISTEN_PORT: "6662" });
  expect(settings.site).toMatchObject({ sendPort: 6661, listenPort: 6662, tlsPort: 32100 });
  const { to, from } = legsOf(await readSiteConf(settings));
  expect(to).toMatchObject({ accept: { host: "127.0.0.1", port: 6661 }, connect: [{ host: "eai", port: 32200 }] });
  expect(from).toMatchObject({
    accept: { host: "0.0.0.0", port: 32100 },
    connect: [{ host: "127.0.0.1", port: 6662 }],
  });
});

describe("in a stunnel.conf of one's own", () => {
  const conf = parseConf(
    ["[out]", "client=yes", "Connect=a:1", "connect = b:1", "accept = 1", "[in]", "accept = 2", "connect = 3", ""].join(
      "\n",
    ),
    "own.conf",
  );
  const text = (settings: Partial<typeof none>) => withLines(conf, linkLines({ ...none, ...settings }), "made").text;

  test("one line takes the place of several, and what a service lacks is added to it", () => {
    const [, ...lines] = text({ peer: "dpi.example:9" }).split("\n");
    expect(lines.slice(0, 5)).toEqual([
      "[out]",
      "checkHost = dpi.example",
      "client=yes",
      "connect = dpi.example:9",
      "accept = 1",
    ]);
    expect(lines.slice(5)).toEqual(["[in]", "checkHost = dpi.example", "accept = 2", "connect = 3", ""]);
  });

  test.each([
    ["checkHost", "checkHost = old.example\n[out]\nclient = yes\naccept = 1\nconnect = a:1\n[in]\naccept = 2\n"],
    ["checkIP", "[out]\nclient = yes\naccept = 1\nconnect = a:1\n[in]\naccept = 2\ncheckIP = 192.0.2.7\n"],
    ["checkEmail", "[out]\nclient = yes\naccept = 1\nconnect = a:1\ncheckEmail = a@b.example\n[in]\naccept = 2\n"],
  ])("another name is refused where %s would let the old one pass beside it", (name, text) => {
    const own = parseConf(text, "own.conf");
    expect(() => withLines(own, linkLines({ ...none, peerName: "dpi.example" }), "made")).toThrow(
      expect.objectContaining({
        code: "invalid-setting",
        message: expect.stringContaining(`own.conf has ${name} beside`),
        hint: expect.stringContaining(`take ${name} out of stunnel.conf`),
      }),
    );
    // what asks for no name changes none
    expect(withLines(own, linkLines({ ...none, sendPort: "7" }), "made").text).toContain("accept = 127.0.0.1:7");
  });

  test("a setting for a leg that it has not is refused", () => {
    const oneLeg = parseConf("[out]\nclient = yes\naccept = 1\nconnect = a:1\n", "own.conf");
    expect(() => withLines(oneLeg, linkLines({ ...none, listenPort: "1" }), "made")).toThrow(
      expect.objectContaining({ code: "invalid-setting", message: expect.stringContaining("own.conf has no service") }),
    );
  });
});

test.each([
  ["PEER", "dpi.hospital.example", /PEER is "dpi\.hospital\.example", which is no host:port/],
  ["PEER", ":32100", /PEER is ":32100"/],
  ["PEER", "dpi:0", /PEER is "dpi:0"/],
  ["PEER", "dpi:70000", /PEER is "dpi:70000"/],
  ["PEER", "dpi:32100.5", /PEER is "dpi:32100\.5"/],
  ["PEER", "2001:db8::1", /PEER is "2001:db8::1"/],
  ["PEER", "dpi x:32100", /PEER is "dpi x:32100"/],
  ["PEER", "dpi\ncert = /x:32100", /PEER is "dpi\ncert/],
  ["PEER", "192.0.2.7:32100", /PEER names "192\.0\.2\.7", no DNS name/],
  ["PEER_NAME", "192.0.2.7", /PEER_NAME names "192\.0\.2\.7", no DNS name/],
  ["PEER_NAME", ".hospital.example", /PEER_NAME names "\.hospital\.example", no DNS name/],
  ["PEER_NAME", "dpi\nverifyChain = no", /PEER_NAME names/],
  ["SEND_PORT", "0", /SEND_PORT is "0"/],
  ["LISTEN_PORT", "70000", /LISTEN_PORT is "70000"/],
])("%s=%j is refused", async (name, value, message) => {
  const refused = { code: "invalid-setting", message: expect.stringMatching(message), hint: expect.any(String) };
  await expect(settingsOf("eai", { [name]: value })).rejects.toMatchObject(refused);
});

test("a folder of data that cannot be written is named", async () => {
  const settings = await settingsOf("eai", { PEER_NAME: "dpi", DATA_DIR: "/none/at-all" });
  await expect(writeSiteConf(settings)).rejects.toMatchObject({
    code: "file-unwritable",
    message: expect.stringContaining("/none/at-all/stunnel.conf"),
  });
});
