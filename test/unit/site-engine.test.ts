import { networkInterfaces } from "node:os";
import { describe, expect, test, vi } from "vitest";
import { site as dpi } from "../../dpi/site.ts";
import { tellPlainLines, watchEngine } from "../../src/commands/site-engine.ts";
import { readSiteConf, refuseAstray } from "../../src/site/plain-side.ts";
import { parseConf, type StunnelConf } from "../../src/site/stunnel-conf.ts";
import { waysTo } from "../../src/site/ways.ts";

/** A network that this machine is on: what goes to its own address there counts as on it. */
const address = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ internal, family }) => !internal && family === "IPv4")?.address;
const nowhere = { host: "no-such-name.invalid", port: 21_010 };
const goingTo = (peer: string, engine = "127.0.0.1:1"): StunnelConf =>
  parseConf(`[out]\nclient = yes\naccept = 1\nconnect = ${peer}\n[in]\naccept = 2\nconnect = ${engine}\n`, "own.conf");
const refused = {
  code: "invalid-setting",
  message: `ENGINE is ${address}:21010, on the network by which this site reaches its peer: no plain text goes there`,
  hint: expect.stringContaining("its own network alone"),
};

describe.skipIf(!address)("an engine on the network by which the peer is reached", () => {
  const engine = { host: address ?? "", port: 21_010 };
  const peer = `${address}:32200`;

  test("is refused", async () => {
    await expect(refuseAstray(engine, goingTo(peer))).rejects.toMatchObject(refused);
  });

  test("is known to check, which reads the configuration all the same", async () => {
    const link = { to: { connect: peer }, from: {} };
    const settings = { site: dpi, siteDir: "dpi", dataDir: "/data", link, plainHost: "", engine };
    expect((await readSiteConf(settings)).onPurpose).toEqual([
      { service: "mdm_from_eai", line: `connect = ${address}:21010`, astray: true },
    ]);
  });

  test("is not refused before the peer, or the engine, has an address, nor where one of them is inside", async () => {
    await refuseAstray(engine, goingTo("no-such-name.invalid:32200"));
    await refuseAstray(nowhere, goingTo(peer));
    await refuseAstray(engine, goingTo("127.0.0.1:32200"));
    await refuseAstray({ host: "127.0.0.1", port: 21_010 }, goingTo(peer));
    await refuseAstray(undefined, goingTo(peer));
  });

  test("ends the site when it comes later", async () => {
    let conf = goingTo("no-such-name.invalid:32200");
    const asked = vi.fn(() => conf);
    const watching = watchEngine({ engine }, asked, new AbortController().signal, 1);
    watching.catch(() => {});
    await expect.poll(() => asked.mock.calls.length).toBeGreaterThan(1);
    conf = goingTo(peer);
    await expect(watching).rejects.toMatchObject(refused);
  });
});

test("whoever has no engine elsewhere, or is stopped, looks for none", async () => {
  await watchEngine({ engine: undefined }, () => goingTo("127.0.0.1:1"), new AbortController().signal);
  await watchEngine({ engine: nowhere }, () => goingTo("127.0.0.1:1"), AbortSignal.abort());
});

test("the way to a place that has no address is not known, and loopback is on no network", async () => {
  expect(await waysTo(nowhere)).toBeUndefined();
  expect(await waysTo({ host: "127.0.0.1", port: 1 })).toEqual([]);
});

test("a reload warns of the lines that it brings, and not again of those before", () => {
  const warn = vi.fn();
  const [before, after] = [goingTo("b:1", "c:1"), goingTo("b:1", "c:1\nconnect = d:1")];
  tellPlainLines(after, { warn } as never, before);
  expect(warn.mock.calls).toEqual([
    [
      { event: "plain-side-open", service: "in" },
      expect.stringMatching(/^plain text leaves .* \[in\] connect = d:1: /),
    ],
  ]);
});
