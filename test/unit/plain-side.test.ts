import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { describe, expect, test } from "vitest";
import { site as dpi } from "../../dpi/site.ts";
import { site as eai } from "../../eai/site.ts";
import { judgeConfiguration } from "../../src/check/configuration/configuration.ts";
import { keepConf, plainLinesOutside, readSiteConf, withPlainSide } from "../../src/site/plain-side.ts";
import { legsOf, type PlainLine, parseConf, readConf } from "../../src/site/stunnel-conf.ts";
import { Scratch } from "./scratch.ts";

const settings = (more: object = {}) => ({
  ...{ site: dpi, siteDir: "dpi", dataDir: "/data", link: { to: {}, from: {} }, plainHost: "", engine: undefined },
  ...more,
});
const engine = { host: "engine.dpi", port: 6661 };

test.each([eai, dpi])(
  "the delivered stunnel.conf of $name keeps plain text on loopback, and is what is read",
  async ({ name }) => {
    const conf = await readSiteConf(settings({ siteDir: name }));
    expect(conf).toEqual(await readConf(`${name}/stunnel.conf`));
    expect(plainLinesOutside(conf)).toEqual([]);
  },
);

describe("an engine on a network", () => {
  const text = readFileSync("dpi/stunnel.conf", "utf8");
  const accept = { host: "192.0.2.7", port: dpi.sendPort };
  const conf = parseConf(withPlainSide(parseConf(text, ""), { accept, connect: engine }), "stunnel.conf");
  const taken = { service: "adt_to_eai", line: "accept = 192.0.2.7:22010" };
  const given = { service: "mdm_from_eai", line: "connect = engine.dpi:6661" };

  test("gets a plain port of its own beside the one on loopback, and what comes from the peer by its name", () => {
    expect(conf.services.get("adt_to_eai")?.get("accept")).toEqual([`127.0.0.1:${dpi.sendPort}`, "192.0.2.7:22010"]);
    expect(legsOf(conf).from?.connect).toEqual([engine]);
    expect(conf.services.get("mdm_from_eai")?.get("delay")).toEqual(["yes"]);
    // the TLS sides stay what they were
    expect(legsOf(conf).from?.accept).toEqual({ host: "0.0.0.0", port: dpi.tlsPort });
    expect(legsOf(conf).to?.connect).toEqual([{ host: "eai", port: eai.tlsPort }]);
  });

  test("changes no other line", () => {
    const added = conf.text.split("\n").filter((line) => !text.split("\n").includes(line));
    expect(added).toEqual([
      "; PLAIN_HOST: plain text from the engine's network",
      "accept = 192.0.2.7:22010",
      "; ENGINE: a real engine listens here",
      "connect = engine.dpi:6661",
    ]);
  });

  test("takes the place of all that a stunnel.conf of one's own has, and the plain port is added once", () => {
    const lines = ["[out]", "client = yes", "accept = 1", "accept = 2", "connect = a:1", "[in]", "accept = 3"];
    const own = parseConf([...lines, "connect = b:1", "delay = no", "connect = c:1"].join("\n"), "own.conf");
    const { services } = parseConf(withPlainSide(own, { accept, connect: { host: "2001:db8::7", port: 6661 } }), "");
    expect(services.get("out")?.get("accept")).toEqual(["1", "192.0.2.7:22010", "2"]);
    // Stunnel knows no brackets
    expect(services.get("in")?.get("connect")).toEqual(["2001:db8::7:6661"]);
    expect(services.get("in")?.get("delay")).toEqual(["yes"]);
  });

  test.each([
    ["PLAIN_HOST", { accept }, "[in]\naccept = 3\nconnect = b:1"],
    ["ENGINE", { connect: engine }, "[out]\nclient = yes\naccept = 1\nconnect = a:1"],
    ["ENGINE", { connect: engine }, "[in]\naccept = 3\nexec = /bin/engine"],
  ])("is refused where %s would change nothing", (setting, places, text) => {
    const message = expect.stringContaining(`own.conf has no line for ${setting} to change`);
    expect(() => withPlainSide(parseConf(text, "own.conf"), places)).toThrow(
      expect.objectContaining({ code: "invalid-setting", message, hint: expect.stringContaining(setting) }),
    );
  });

  test("is told line by line, for the log", () => {
    expect(plainLinesOutside(conf)).toEqual([taken, given]);
  });

  test("is a warning of check where a setting says so, and a failure where the file alone does", () => {
    const of = (onPurpose?: PlainLine[]) =>
      judgeConfiguration({ ...conf, ...(onPurpose && { onPurpose }) }).find(
        ({ id }) => id === "configuration.plain-side",
      );
    expect(of([taken, given])).toMatchObject({
      status: "warn",
      detail: { en: expect.stringMatching(/192\.0\.2\.7:22010: on purpose \(PLAIN_HOST\).*on purpose \(ENGINE\)/) },
      hint: { en: "have nothing on that network but this site and its engine" },
    });
    expect(of([taken])).toMatchObject({
      status: "fail",
      detail: { en: "[mdm_from_eai] connect = engine.dpi:6661: messages leave the machine in plain text" },
    });
    expect(of()).toMatchObject({ status: "fail" });
    // what a setting says of one service says nothing of another
    expect(of([taken, { ...given, service: "adt_to_eai" }])).toMatchObject({ status: "fail" });
  });

  test("is a failure of check where it is on the network by which the peer is reached", () => {
    const found = judgeConfiguration({ ...conf, onPurpose: [taken, { ...given, astray: true }] });
    expect(found.find(({ id }) => id === "configuration.plain-side")).toMatchObject({
      status: "fail",
      detail: {
        en: "[mdm_from_eai] connect = engine.dpi:6661: messages leave in plain text on the network by which the peer is reached",
        fr: expect.stringContaining("sur le réseau par lequel on joint le pair"),
      },
      hint: { en: expect.stringContaining("ENGINE"), fr: expect.stringContaining("ENGINE") },
    });
  });
});

const onPurpose = { service: "mdm_from_eai", line: "connect = engine.dpi:6661" };

test("an engine elsewhere is written where Stunnel reads it, and the file of the site stays", async () => {
  using scratch = new Scratch();
  const ofSite = settings({ dataDir: scratch.folder, engine });
  const conf = await readSiteConf(ofSite);
  await keepConf(conf, ofSite);
  expect(conf).toMatchObject({ path: scratch.path("stunnel.conf"), onPurpose: [onPurpose] });
  expect(readFileSync(conf.path, "utf8")).toBe(conf.text);
  expect(conf.text).toMatch(/^; made of dpi\/stunnel\.conf by the settings of this site; change those\n/);
  await expect(keepConf(conf, settings({ dataDir: "/dev/null" }))).resolves.toBeUndefined();
  await expect(keepConf({ ...conf, path: "/dev/null/no" }, ofSite)).rejects.toMatchObject({ code: "file-unwritable" });
});

test("what settings made is taken away with them, and a file that they did not make stays", async () => {
  using scratch = new Scratch();
  const before = settings({ dataDir: scratch.folder, engine });
  const after = settings({ dataDir: scratch.folder });
  await keepConf(await readSiteConf(before), before);
  expect(existsSync(scratch.path("stunnel.conf"))).toBe(true);
  await keepConf(await readSiteConf(after), after);
  expect(existsSync(scratch.path("stunnel.conf"))).toBe(false);
  writeFileSync(scratch.path("stunnel.conf"), "[own]\n");
  await keepConf(await readSiteConf(after), after);
  expect(scratch.read("stunnel.conf")).toBe("[own]\n");
});

test("an own stunnel.conf that leads out by itself is nobody's setting", async () => {
  using scratch = new Scratch();
  mkdirSync(scratch.path("site"));
  const text = "[out]\nclient = yes\naccept = 22010\n[in]\naccept = 1\nconnect = 192.0.2.9:1\n";
  writeFileSync(scratch.path("site/stunnel.conf"), text);
  const conf = await readSiteConf(settings({ siteDir: scratch.path("site"), engine }));
  expect(conf.onPurpose).toEqual([{ ...onPurpose, service: "in" }]);
  expect(plainLinesOutside(conf)).toHaveLength(2);
});

/** Where this machine has a way out, that is the one network that is known to have one. */
const routes = readFileSync("/proc/net/route", "utf8").split("\n");
const wayOut = routes.map((line) => line.split("\t")).find(([, destination]) => destination === "00000000")?.[0];
const outward = wayOut && networkInterfaces()[wayOut]?.find(({ family }) => family === "IPv4")?.address;

const inward = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ internal, family, address }) => !internal && family === "IPv4" && address !== outward)?.address;

describe("PLAIN_HOST is refused", () => {
  const refused = (plainHost: string) => readSiteConf(settings({ plainHost }));

  test.each([
    ["no-such-name.invalid", "name-not-resolved", "PLAIN_HOST is no-such-name.invalid: "],
    ["127.0.0.1", "invalid-setting", "127.0.0.1 is no address of this site on a network"],
    ["0.0.0.0", "invalid-setting", "0.0.0.0 is no address of this site on a network"],
    ["192.0.2.7", "invalid-setting", "192.0.2.7 is no address of this site on a network"],
  ])("where it is %s", async (plainHost, code, message) => {
    await expect(refused(plainHost)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
      hint: expect.stringContaining("overlays/machine.yml"),
    });
  });

  test.skipIf(!outward)("where it is on the network by which the site reaches its peer", async () => {
    await expect(refused(outward ?? "")).rejects.toMatchObject({
      code: "invalid-setting",
      message: expect.stringContaining("no plain text goes there"),
    });
  });

  test.skipIf(!outward)(
    "not where that network has a way out, and the peer is known to be reached by another",
    async () => {
      const address = outward ?? "";
      const link = { to: { connect: "127.0.0.1:32200" }, from: {} };
      const conf = await readSiteConf(settings({ plainHost: address, link }));
      expect(legsOf(conf).to?.accept.host).toBe("127.0.0.1");
      expect(conf.onPurpose).toEqual([{ service: "adt_to_eai", line: `accept = ${address}:${dpi.sendPort}` }]);
    },
  );

  test.skipIf(!inward)("and taken where it is on another, unless the peer is there", async () => {
    const address = inward ?? "";
    const line = `accept = ${address}:${dpi.sendPort}`;
    expect((await refused(address)).onPurpose).toEqual([{ service: "adt_to_eai", line }]);
    const link = { to: { connect: `${address}:32200` }, from: {} };
    await expect(readSiteConf(settings({ plainHost: address, link }))).rejects.toMatchObject({
      code: "invalid-setting",
      message: expect.stringContaining("no plain text goes there"),
    });
  });
});
