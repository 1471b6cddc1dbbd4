import { expect, test } from "vitest";
import { ask, must, type SiteName, sharedSandbox, TAG } from "./sandbox/index.ts";

/** Says of each "METHOD url" with which status it is answered, or why it is not; runs inside a container. */
const ASK = `
  Promise.all(process.argv.slice(1).map(async (asked) => {
    const [method, url] = asked.split(" ");
    const response = await fetch(url, { method, signal: AbortSignal.timeout(5000) }).catch((error) => error.cause ?? error);
    return [asked, response.status ?? response.code ?? response.name];
  })).then((all) => console.log(JSON.stringify(Object.fromEntries(all))));`;

/** Asks from a machine that stands in one network of the sandbox. */
async function askFrom(network: string, ...asked: string[]): Promise<Record<string, number | string>> {
  const name = `${sharedSandbox().project}_${network}`;
  const args = ["run", "--rm", "--network", name, `mllp-safetunnel/eai:${TAG}`, "node", "-e", ASK, ...asked];
  return JSON.parse(await must("docker", args));
}

test.each<[SiteName]>([["eai"], ["dpi"]])(
  "on the network of %s there are the pages, and no way to tell it anything",
  async (site) => {
    const at = `http://metrics.${site}:9464`;
    const found = await askFrom(
      `net_${site}`,
      ...["/metrics", "/healthz", "/readyz", "/loaded"].map((path) => `GET ${at}${path}`),
      ...["/reload", "/exchanges"].map((path) => `POST ${at}${path}`),
    );
    expect(found).toEqual({
      [`GET ${at}/metrics`]: 200,
      [`GET ${at}/healthz`]: 200,
      [`GET ${at}/readyz`]: 200,
      [`GET ${at}/loaded`]: 404,
      [`POST ${at}/reload`]: 404,
      [`POST ${at}/exchanges`]: 404,
    });
  },
);

test("on the network between the sites there is nothing on that port", async () => {
  const places = ["eai", "dpi"].map((site) => `GET http://${site}:9464/metrics`);
  const found = await askFrom("net_tls", ...places);
  expect(found).toEqual(Object.fromEntries(places.map((place) => [place, "ECONNREFUSED"])));
});

test.each<[SiteName]>([["eai"], ["dpi"]])("%s shows them on its loopback, and to no port of the host", async (site) => {
  const sandbox = sharedSandbox();
  expect(await ask(sandbox, site, "/metrics")).toMatchObject({
    status: 200,
    body: expect.stringContaining("mllp_link_up"),
  });
  const ports = JSON.parse(await sandbox.inspect(site, "{{json .NetworkSettings.Ports}}"));
  expect(Object.entries(ports).filter(([port, bindings]) => port.startsWith("9464") && bindings !== null)).toEqual([]);
});
