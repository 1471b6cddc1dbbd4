import { cpSync, existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isIssuedBy, namesOf } from "../../stunnel/inspect.ts";
import { beforeEachTest, daysLater, Sandbox } from "./gen-certs-sandbox.ts";
import { ecPair } from "./trust-kit.ts";

let sandbox: Sandbox;
beforeEachTest((fresh) => {
  sandbox = fresh;
});

describe("what is missing is created", () => {
  test("an authority and a pair for each site, its own key and no other in a site's folder", async () => {
    rmSync(sandbox.folder, { recursive: true });
    expect(await sandbox.done()).toEqual(["created", "created", "created"]);
    sandbox.expectSound();
    expect(namesOf(sandbox.certificate("eai/eai.crt"))).toEqual(["eai", "localhost"]);
    for (const key of ["authority/ca.key", "eai/eai.key", "dpi/dpi.key"])
      expect(statSync(sandbox.path(key)).mode & 0o777).toBe(0o600);
    expect(statSync(sandbox.path("authority")).mode & 0o777).toBe(0o700);
  });

  test("one site's pair, and the other's is kept", async () => {
    rmSync(sandbox.path("dpi"), { recursive: true });
    const kept = sandbox.read("eai/eai.crt");
    expect(await sandbox.done()).toEqual(["kept", "kept", "created"]);
    sandbox.expectSound();
    expect(sandbox.read("eai/eai.crt")).toBe(kept);
  });

  test("a lost key, with a new pair that has the names of the old one", async () => {
    await sandbox.run({ sites: ["eai"], hosts: ["eai.example"] });
    rmSync(sandbox.path("eai/eai.key"));
    expect(await sandbox.done()).toEqual(["kept", "replaced", "kept"]);
    sandbox.expectSound();
    expect(namesOf(sandbox.certificate("eai/eai.crt"))).toContain("eai.example");
  });

  test("a site's copy of the authority's certificate", async () => {
    writeFileSync(sandbox.path("eai/ca.crt"), "damaged");
    expect(await sandbox.done()).toEqual(["kept", "kept", "kept"]);
    sandbox.expectSound();
  });
});

describe("what is valid is kept", () => {
  test("to the byte, and untouched", async () => {
    const before = sandbox.snapshot();
    const { mtimeMs, ino } = statSync(sandbox.path("eai/eai.key"));
    expect(await sandbox.done()).toEqual(["kept", "kept", "kept"]);
    expect(sandbox.snapshot()).toEqual(before);
    expect(statSync(sandbox.path("eai/eai.key"))).toMatchObject({ mtimeMs, ino });
  });

  test("with more names than are asked for", async () => {
    await sandbox.run({ sites: ["eai"], hosts: ["eai.example", "10.0.0.1"] });
    expect(await sandbox.done({ sites: ["eai"] })).toEqual(["kept", "kept"]);
    expect(await sandbox.done({ sites: ["eai"], hosts: ["10.0.0.1"] })).toEqual(["kept", "kept"]);
  });

  test("with a subject that has no serial, as of an older version; its successor has its own", async () => {
    // openssl dates what it makes by its own clock
    const now = new Date();
    ecPair(sandbox, "eai/eai", "/CN=eai/O=mllp-safetunnel sandbox", "authority/ca");
    const older = sandbox.read("eai/eai.crt");
    expect(await sandbox.done({ now })).toEqual(["kept", "kept", "kept"]);
    expect(sandbox.read("eai/eai.crt")).toBe(older);
    expect(await sandbox.done({ now, sites: ["eai"], force: true })).toEqual(["kept", "replaced"]);
    const { subject, serialNumber } = sandbox.certificate("eai/eai.crt");
    expect(subject).toBe(`CN=eai\nO=mllp-safetunnel sandbox\nserialNumber=cert:${serialNumber}`);
  });

  test("when the authority's key is elsewhere, until something is due", async () => {
    rmSync(sandbox.path("authority/ca.key"));
    expect(await sandbox.done()).toEqual(["kept", "kept", "kept"]);
    await sandbox.expectRefusal(
      { force: true },
      { code: "authority-incomplete", message: expect.stringContaining("ca.key") },
    );
    await sandbox.expectRefusal({ now: daysLater(390) }, { code: "authority-incomplete" });
  });
});

describe("what runs low is renewed", () => {
  test.each([
    ["366 days on, with 30 left", 366, 30, "kept"],
    ["367 days on, with 29 left", 367, 30, "renewed"],
    ["once expired", 500, 0, "renewed"],
    ["when it is not valid yet", -2, 30, "renewed"],
  ])("%s: %i days, limit %i: %s", async (_when, days, renewBeforeDays, expected) => {
    const before = sandbox.read("eai/eai.key");
    const [, leaf] = await sandbox.run({ now: daysLater(days), renewBeforeDays });
    expect(leaf?.done).toBe(expected);
    expect(sandbox.read("eai/eai.key") === before).toBe(expected === "kept");
    sandbox.expectSound();
  });

  test("with the names it had", async () => {
    await sandbox.run({ sites: ["eai"], hosts: ["eai.example"] });
    const [, leaf] = await sandbox.run({ now: daysLater(390) });
    expect(leaf).toMatchObject({ done: "renewed", names: ["eai", "localhost", "eai.example"], daysLeft: 396 });
  });

  test("the authority with its own key, so that its leaves stay trusted, those of unnamed sites as well", async () => {
    const [key, old, leaf] = [
      sandbox.read("authority/ca.key"),
      sandbox.certificate("authority/ca.crt"),
      sandbox.certificate("eai/eai.crt"),
    ];
    const outcomes = await sandbox.run({ sites: ["eai"], now: daysLater(3640) });
    expect(outcomes.map((outcome) => outcome.done)).toEqual(["renewed", "renewed", "renewed", "renewed"]);
    sandbox.expectSound();
    expect(sandbox.read("authority/ca.key")).toBe(key);
    expect(isIssuedBy(leaf, sandbox.certificate("authority/ca.crt"))).toBe(true);
    expect(isIssuedBy(sandbox.certificate("dpi/dpi.crt"), old)).toBe(true);
  });
});

describe("what does not fit is replaced", () => {
  test("a leaf that lacks a name, in the named site only", async () => {
    const outcomes = await sandbox.run({ sites: ["dpi"], hosts: ["dpi.example", "2001:db8::1"] });
    expect(outcomes[1]).toMatchObject({ done: "replaced", reason: "lacked dpi.example, 2001:db8::1" });
    expect(namesOf(sandbox.certificate("dpi/dpi.crt"))).toEqual(["dpi", "localhost", "dpi.example", "2001:db8::1"]);
    expect(namesOf(sandbox.certificate("eai/eai.crt"))).toEqual(["eai", "localhost"]);
  });

  test("a leaf of another authority", async () => {
    using foreign = new Sandbox();
    await foreign.run({ sites: ["eai"] });
    cpSync(foreign.path("eai"), sandbox.path("eai"), { recursive: true });
    expect((await sandbox.run())[1]).toMatchObject({ done: "replaced", reason: "another authority had signed it" });
    sandbox.expectSound();
  });

  test("on force, the pairs of the named sites", async () => {
    const [eai, dpi, ca] = [sandbox.read("eai/eai.key"), sandbox.read("dpi/dpi.key"), sandbox.read("authority/ca.key")];
    expect(await sandbox.done({ sites: ["eai"], force: true })).toEqual(["kept", "replaced"]);
    expect([
      sandbox.read("eai/eai.key") === eai,
      sandbox.read("dpi/dpi.key") === dpi,
      sandbox.read("authority/ca.key") === ca,
    ]).toEqual([false, true, true]);
    sandbox.expectSound();
  });

  test("on force of the authority, everything, sites that are not named as well", async () => {
    const before = sandbox.snapshot();
    expect(await sandbox.done({ sites: ["eai"], forceAuthority: true })).toEqual(["replaced", "replaced", "replaced"]);
    sandbox.expectSound();
    // what was issued before stays on record
    for (const [file, text] of Object.entries(sandbox.snapshot()))
      if (!/^authority\/(\.lock|issued\/)/.test(file)) expect(before[file]).not.toBe(text);
  });
});

test("a run that was interrupted between the two renames is completed by the next", async () => {
  using renewed = new Sandbox(sandbox.snapshot());
  await renewed.run({ sites: ["eai"], force: true });
  cpSync(renewed.path("eai/eai.key"), sandbox.path("eai/eai.key"));
  cpSync(renewed.path("eai/eai.crt"), sandbox.path("eai/eai.crt.new"));
  expect(await sandbox.done()).toEqual(["kept", "kept", "kept"]);
  expect(existsSync(sandbox.path("eai/eai.crt.new"))).toBe(false);
  sandbox.expectSound();
});

test("two runs at once on an empty folder make one authority and matching pairs", async () => {
  rmSync(sandbox.folder, { recursive: true });
  const both = await Promise.all([sandbox.done(), sandbox.done()]);
  expect(both).toContainEqual(["created", "created", "created"]);
  expect(both).toContainEqual(["kept", "kept", "kept"]);
  sandbox.expectSound();
});
