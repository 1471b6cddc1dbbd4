import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { site as dpi } from "../../dpi/site.ts";
import { site as eai } from "../../eai/site.ts";
import type { SiteFacts } from "../../src/site/facts.ts";

interface Conf {
  global: Map<string, string[]>;
  services: Map<string, Map<string, string>>;
}

function read(site: SiteFacts): Conf {
  const conf: Conf = { global: new Map(), services: new Map() };
  let service: Map<string, string> | undefined;
  for (const line of readFileSync(`${site.name}/stunnel.conf`, "utf8").split("\n")) {
    if (line === "" || line.startsWith(";")) continue;
    const section = /^\[(\w+)\]$/.exec(line)?.[1];
    if (section !== undefined) {
      service = new Map();
      conf.services.set(section, service);
      continue;
    }
    const [, key = "", value = ""] = /^(\w+) =(?: (.*))?$/.exec(line) ?? [];
    expect(key, `${site.name}: "${line}" is no setting`).not.toBe("");
    if (service) service.set(key, value);
    else conf.global.set(key, [...(conf.global.get(key) ?? []), value]);
  }
  return conf;
}

const confs = new Map([eai, dpi].map((site) => [site.name, read(site)]));
const servicesOf = ({ name }: SiteFacts) => {
  const services = [...(confs.get(name)?.services.values() ?? [])];
  return {
    sending: services.filter((service) => service.get("client") === "yes"),
    receiving: services.filter((service) => service.get("client") !== "yes"),
  };
};

test.each([
  [eai, dpi],
  [dpi, eai],
])("$name and its peer fit together", (site, peer) => {
  const { sending, receiving } = servicesOf(site);
  expect([sending.length, receiving.length]).toEqual([1, 1]);
  expect(sending[0]?.get("connect")).toBe(`${peer.name}:${peer.tlsPort}`);
  expect(sending[0]?.get("accept")).toBe(`127.0.0.1:${site.sendPort}`);
  expect(receiving[0]?.get("accept")).toBe(`0.0.0.0:${site.tlsPort}`);
  expect(receiving[0]?.get("connect")).toBe(`127.0.0.1:${site.listenPort}`);
  expect(site.sendPort).toBe(peer.listenPort);
  expect(site.peer).toBe(peer.name);
});

test.each([eai, dpi])("$name checks the name of its peer on both legs", (site) => {
  const { sending, receiving } = servicesOf(site);
  for (const service of [...sending, ...receiving]) expect(service.get("checkHost")).toBe(site.peer);
});

test.each([eai, dpi])(
  "$name shows its own certificate, believes one authority and asks what it has revoked",
  ({ name }) => {
    const global = confs.get(name)?.global;
    expect(global?.get("cert")).toEqual([`/certs/${name}.crt`]);
    expect(global?.get("key")).toEqual([`/certs/${name}.key`]);
    expect(global?.get("CAfile")).toEqual(["/certs/ca.crt"]);
    expect(global?.get("CRLfile")).toEqual(["/certs/ca.crl"]);
  },
);

test.each([eai, dpi])("$name has every setting that Stunnel needs to be safe", (site) => {
  const global = confs.get(site.name)?.global;
  const needed = {
    verifyChain: "yes",
    sslVersionMin: "TLSv1.2",
    sessionResume: "no",
    TIMEOUTbusy: "10",
    TIMEOUTconnect: "10",
    debug: "info",
    syslog: "no",
    foreground: "yes",
    pid: "",
  };
  for (const [key, value] of Object.entries(needed)) expect([key, global?.get(key)]).toEqual([key, [value]]);
  const suites = global?.get("ciphers")?.[0]?.split(":") ?? [];
  expect(suites).toHaveLength(4);
  for (const suite of suites) expect(suite).toMatch(/^ECDHE-(ECDSA|RSA)-AES(128|256)-GCM-SHA(256|384)$/);
  const keepalive = ["SO_KEEPALIVE=1", "TCP_KEEPIDLE=30", "TCP_KEEPINTVL=10", "TCP_KEEPCNT=3"];
  expect(global?.get("socket")).toEqual(["l", "r"].flatMap((side) => keepalive.map((option) => `${side}:${option}`)));
  expect(servicesOf(site).sending[0]?.get("delay")).toBe("yes");
});

test("the two files differ in nothing but names and ports", () => {
  const general = ({ name, peer }: SiteFacts) =>
    JSON.stringify([...(confs.get(name)?.global ?? [])])
      .replaceAll(name, "SITE")
      .replaceAll(peer, "PEER");
  expect(general(eai)).toBe(general(dpi));
});
