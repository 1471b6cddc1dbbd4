import { expect, test } from "vitest";
import { parseConf, readConf, trustPathsOf } from "../../src/site/stunnel-conf.ts";

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
