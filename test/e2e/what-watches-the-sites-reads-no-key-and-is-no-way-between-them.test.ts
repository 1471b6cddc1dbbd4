import { expect, test } from "vitest";
import { must, type SiteName, startSandbox } from "./sandbox/index.ts";

interface Service {
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  user?: string;
  ports?: { host_ip?: string; published?: string; target: number }[];
  volumes?: { source: string; target: string; read_only?: boolean }[];
  networks: Record<string, unknown>;
}

const composition = async (...options: string[]) => {
  const env = { GRAFANA_PROFILE: "watch" };
  const told = await must("docker", ["compose", ...options, "config", "--format", "json"], { env });
  return (JSON.parse(told) as { services: Record<string, Service> }).services;
};

test("nothing of it is there unless it is asked for", async () => {
  expect(Object.keys(await composition()).toSorted()).toEqual(["certs", "dpi", "eai"]);
});

test.each([
  ["prometheus", 9090, ["data_prometheus"]],
  ["alertmanager", 9093, ["data_alertmanager"]],
  ["grafana", 3000, ["data_grafana"]],
])("%s is confined, publishes its page on loopback, and mounts its own data alone", async (name, port, own) => {
  const service = (await composition("--profile", "watch"))[name];
  expect(service).toMatchObject({
    read_only: true,
    cap_drop: ["ALL"],
    security_opt: ["no-new-privileges:true"],
    user: expect.stringMatching(/^[1-9]/),
    ports: [{ host_ip: "127.0.0.1", target: port }],
  });
  const writable = service?.volumes?.filter((volume) => !volume.read_only).map(({ source }) => source);
  const readable = service?.volumes?.filter((volume) => volume.read_only).map(({ source }) => source);
  expect(writable).toEqual(own);
  expect(readable).toEqual([expect.stringMatching(/\/watch(\/grafana)?$/)]);
});

/** Says what a request comes to; runs inside a container. */
const PROBE = `Promise.all(process.argv.slice(1).map((url) =>
  fetch(url, { signal: AbortSignal.timeout(3000) }).then(({ status }) => status, ({ cause }) => cause?.code ?? "dropped")
)).then((all) => console.log(JSON.stringify(all)));`;

test("a site reaches neither the page nor, through it, the other site's network", { timeout: 120_000 }, async () => {
  const environment = {
    COMPOSE_PROFILES: "watch",
    GRAFANA_PROFILE: "none",
    PROMETHEUS_PORT: "0",
    ALERTMANAGER_PORT: "0",
  };
  await using sandbox = await startSandbox(environment);
  const inPrometheus = (...args: string[]) => must("docker", ["exec", `${sandbox.project}-prometheus-1`, ...args]);
  const page = `http://${await sandbox.placeOf("prometheus", 9090)}`;
  const targets = async () => {
    const { data } = (await (await fetch(`${page}/api/v1/targets`)).json()) as {
      data: { activeTargets: { health: string }[] };
    };
    return data.activeTargets.map(({ health }) => health);
  };
  await expect.poll(targets, { timeout: 30_000 }).toEqual(["up", "up"]);
  expect(await inPrometheus("cat", "/proc/sys/net/ipv4/ip_forward")).toBe("0\n");
  const sites: [SiteName, SiteName][] = [
    ["eai", "dpi"],
    ["dpi", "eai"],
  ];
  for (const [site, other] of sites) {
    const urls = [`http://metrics.${other}:9464/metrics`, "http://prometheus.watch:9090/", "http://prometheus:9090/"];
    const found = JSON.parse(await sandbox.mustExec(site, "node", "-e", PROBE, ...urls));
    expect(found).toEqual(["ENOTFOUND", "ENOTFOUND", "ECONNREFUSED"]);
  }
});
