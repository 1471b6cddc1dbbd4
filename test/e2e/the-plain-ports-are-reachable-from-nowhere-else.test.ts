import { expect, test } from "vitest";
import { must, type SiteName, sharedSandbox, TAG } from "./sandbox/index.ts";

/** Says of each host:port whether it takes a connection; runs inside a container. */
const PROBE = `
  const { connect } = require("node:net");
  const probe = (place) => new Promise((resolve) => {
    const [host, port] = place.split(":");
    const socket = connect({ host, port: Number(port), timeout: 3000 });
    const end = (how) => { socket.destroy(); resolve([place, how]); };
    socket.on("connect", () => end("open")).on("timeout", () => end("dropped")).on("error", (error) => end(error.code));
  });
  Promise.all(process.argv.slice(1).map(probe)).then((all) => console.log(JSON.stringify(Object.fromEntries(all))));`;

const probe = async (site: SiteName, places: string[]) =>
  JSON.parse(await sharedSandbox().mustExec(site, "node", "-e", PROBE, ...places));

test.each<[SiteName, SiteName, number]>([
  ["eai", "dpi", 32100],
  ["dpi", "eai", 32200],
])("not from %s, which reaches the TLS port of %s alone", async (from, to, tlsPort) => {
  const found = await probe(from, [`${to}:21010`, `${to}:22010`, `${to}:9464`, `${to}:${tlsPort}`, "127.0.0.1:21010"]);
  expect(found).toEqual({
    [`${to}:21010`]: "ECONNREFUSED",
    [`${to}:22010`]: "ECONNREFUSED",
    [`${to}:9464`]: "ECONNREFUSED",
    [`${to}:${tlsPort}`]: "open",
    "127.0.0.1:21010": "open",
  });
});

test.each<[SiteName, number]>([
  ["eai", 32200],
  ["dpi", 32100],
])("not from a machine on the network of %s", async (site, tlsPort) => {
  const sandbox = sharedSandbox();
  const places = [`${site}:21010`, `${site}:22010`, `${site}:${tlsPort}`];
  const network = `${sandbox.project}_net_${site}`;
  const args = ["run", "--rm", "--network", network, `mllp-safetunnel/eai:${TAG}`, "node", "-e", PROBE, ...places];
  const found = JSON.parse(await must("docker", args));
  expect(Object.values(found)).toEqual(["ECONNREFUSED", "ECONNREFUSED", "open"]);
});

test.each<[SiteName, string]>([
  ["eai", "32200/tcp"],
  ["dpi", "32100/tcp"],
])("not from the host: %s publishes %s and nothing else, on loopback", async (site, published) => {
  const ports = JSON.parse(await sharedSandbox().inspect(site, "{{json .NetworkSettings.Ports}}"));
  const bound = Object.entries(ports).filter(([, bindings]) => bindings !== null);
  expect(bound).toEqual([[published, [{ HostIp: "127.0.0.1", HostPort: expect.stringMatching(/^\d+$/) }]]]);
});
