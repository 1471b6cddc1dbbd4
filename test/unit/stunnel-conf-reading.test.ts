import { describe, expect, test } from "vitest";
import { legsOf, optionsOf, parseConf, readConf, trustPathsOf } from "../../src/site/stunnel-conf.ts";

const trustIn = (...lines: string[]) => trustPathsOf(parseConf(lines.join("\n"), "stunnel.conf"));

test("settings are read by their names in lower case, for all services and for each", () => {
  const conf = parseConf(
    "; a comment = here\r\n# another = one\r\nCAfile = /certs/ca.crt\r\n  pid =\nsocket = l:A=1\nsocket=r:A=1 ; no comment\n\n [a_b] \nClient = yes\n[c d]\nnothing\naccept = 0.0.0.0:32100\n",
    "/site/stunnel.conf",
  );
  expect(conf.path).toBe("/site/stunnel.conf");
  expect(Object.fromEntries(conf.global)).toEqual({
    cafile: ["/certs/ca.crt"],
    pid: [""],
    socket: ["l:A=1", "r:A=1 ; no comment"],
  });
  expect([...conf.services].map(([name, options]) => [name, Object.fromEntries(options)])).toEqual([
    ["a_b", { client: ["yes"] }],
    ["c d", { accept: ["0.0.0.0:32100"] }],
  ]);
});

test.each(["eai", "dpi"])("the files of %s are those that its Stunnel is given", async (site) => {
  expect(trustPathsOf(await readConf(`${site}/stunnel.conf`))).toEqual({
    certificate: `/certs/${site}.crt`,
    key: `/certs/${site}.key`,
    authorities: "/certs/ca.crt",
    crl: "/certs/ca.crl",
  });
});

test("without CRLfile there is no list", () => {
  expect(trustIn("cert = a.crt", "key = a.key", "CAfile = ca.crt", ";CRLfile = ca.crl").crl).toBeUndefined();
});

test("the key is in the file of the certificate where no other is named", () => {
  expect(trustIn("cert = a.pem", "CAfile = ca.crt")).toMatchObject({ certificate: "a.pem", key: "a.pem" });
});

test("a service names what is left out above it", () => {
  const service = ["[a]", "accept = 1", "CRLfile = b.crl", "[b]", "cert = b.crt", "key = b.key", "CRLfile = b.crl"];
  expect(trustIn("CAfile = ca.crt", ...service)).toEqual({
    certificate: "b.crt",
    key: "b.key",
    authorities: "ca.crt",
    crl: "b.crl",
  });
});

test("of a name that comes twice, Stunnel takes the last", () => {
  expect(trustIn("cert = old.crt", "cert = new.crt", "CAfile = ca.crt").certificate).toBe("new.crt");
});

test("a file that is missing is named", async () => {
  await expect(readConf("/none/stunnel.conf")).rejects.toMatchObject({
    code: "file-unreadable",
    message: expect.stringContaining("/none/stunnel.conf"),
  });
});

test("a list that one service has and another has not is none: that one accepts revoked peers", () => {
  const services = ["[a]", "accept = 1", "CRLfile = a.crl", "[b]", "accept = 2"];
  expect(trustIn("cert = a.pem", "CAfile = ca.crt", ...services).crl).toBeUndefined();
});

describe("a service as Stunnel sees it", () => {
  const conf = (...lines: string[]) => parseConf(lines.join("\n"), "stunnel.conf");
  const optionsIn = (...lines: string[]) => {
    const read = conf(...lines);
    return Object.fromEntries(optionsOf(read, read.services.get("a") ?? new Map()));
  };

  test("has the global options that it does not set anew, and of each the last", () => {
    const lines = ["debug = 5", "client = no", "client = yes", "[a]", "debug = 6", "debug = 7", "[b]", "debug = 1"];
    expect(optionsIn(...lines)).toEqual({ debug: ["7"], client: ["yes"] });
  });

  test("has every name, place and socket option that it is given", () => {
    const names = ["connect", "checkHost", "checkIP", "checkEmail", "socket", "options"];
    const lines = [...names.map((name) => `${name} = 1`), "[a]", "accept = 8", "accept = 9"];
    const own = names.flatMap((name) => [`${name} = 2`, `${name} = 3`]);
    const all = Object.fromEntries(names.map((name) => [name.toLowerCase(), ["1", "2", "3"]]));
    expect(optionsIn(...lines, ...own)).toEqual({ ...all, accept: ["8", "9"] });
  });

  test.each(["eai", "dpi"])("has the two legs of %s", async (site) => {
    const { to, from, further } = legsOf(await readConf(`${site}/stunnel.conf`));
    const peer = site === "eai" ? "dpi" : "eai";
    const [sends, takes, peerTakes, peerListens] =
      site === "eai" ? [21010, 32200, 32100, 22010] : [22010, 32100, 32200, 21010];
    const loopback = (port: number) => ({ host: "127.0.0.1", port });
    expect(to).toEqual({
      service: site === "eai" ? "mdm_to_dpi" : "adt_to_eai",
      accept: loopback(sends),
      connect: [{ host: peer, port: peerTakes }],
      names: [peer],
    });
    expect(from).toEqual({
      service: site === "eai" ? "adt_from_dpi" : "mdm_from_eai",
      accept: { host: "0.0.0.0", port: takes },
      connect: [loopback(peerListens)],
      names: [peer],
    });
    expect(further).toEqual([]);
  });

  test("is the first of its direction, or one of the further ones", () => {
    const legs = legsOf(conf("client = yes", "[a]", "[b]", "client = no", "[c]", "client = NO", "[d]", "client = YES"));
    expect([legs.to?.service, legs.from?.service, legs.further]).toEqual(["a", "b", ["c", "d"]]);
  });

  test("is none where there is none", () => {
    expect(legsOf(conf("client = yes"))).toEqual({ further: [] });
    expect(legsOf(conf("[a]", "exec = /bin/true"))).toMatchObject({
      from: { accept: { host: "", port: 0 }, connect: [] },
    });
  });

  test.each([
    ["21010", "", 21010],
    ["dpi:32100", "dpi", 32100],
    ["::1:32100", "::1", 32100],
    ["[::1]:32100", "::1", 32100],
    ["*:32100", "*", 32100],
    ["/run/mllp.sock", "/run/mllp.sock", 0],
  ])("takes connections at %s", (text, host, port) => {
    expect(legsOf(conf("[a]", `accept = ${text}`)).from?.accept).toEqual({ host, port });
  });

  test("goes to its own machine where no other is named", () => {
    expect(legsOf(conf("[a]", "connect = 22010", "connect = b:1")).from?.connect).toEqual([
      { host: "localhost", port: 22010 },
      { host: "b", port: 1 },
    ]);
  });
});
