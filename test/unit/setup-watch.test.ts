import { expect, test } from "vitest";
import { Machine } from "./setup-machine.ts";

const COMPOSITION = `services:
  prometheus:
    image: \${PROMETHEUS_IMAGE:-prom/prometheus:v1}
  alertmanager:
    image: \${ALERTMANAGER_IMAGE:-prom/alertmanager:v2}
  grafana:
    image: \${GRAFANA_IMAGE:-grafana/grafana:3}
`;
const OFFICIAL = { PROMETHEUS_IMAGE: "prom/prometheus:v1", ALERTMANAGER_IMAGE: "prom/alertmanager:v2" };
const STAND_INS = {
  PROMETHEUS_IMAGE: "mllp-safetunnel/prometheus:debian",
  ALERTMANAGER_IMAGE: "mllp-safetunnel/alertmanager:debian",
};
const MADE_HERE = "BASE_IMAGE=mllp-safetunnel/base:node24-trixie\n";
const lines = (settings: Record<string, string>) =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");

/** A machine whose docker has some images, can pull some, and builds unless it is told not to. */
function machineWith({ has = [], pulls = [], builds = true }: { has?: string[]; pulls?: string[]; builds?: boolean }) {
  const machine = new Machine();
  const cases = [...has.map((image) => `"image inspect ${image}"`), ...pulls.map((image) => `"pull --quiet ${image}"`)];
  const known = ["none", ...cases, ...(builds ? ['"build "*'] : [])];
  machine.command("docker", `case "$*" in ${known.join(" | ")}) ;; *) exit 1 ;; esac`);
  machine.write("docker-compose.yml", COMPOSITION);
  return machine;
}

const called = (machine: Machine, command: string) => machine.calls().filter((call) => call.startsWith(command));

test("where a registry answers, the images that the composition names are pulled, once", () => {
  using machine = machineWith({ pulls: [...Object.values(OFFICIAL), "grafana/grafana:3"] });
  machine.write(".env", "BASE_IMAGE=node:24-trixie-slim\n");
  expect(machine.run("watch").status).toBe(0);
  const all = { ...OFFICIAL, GRAFANA_IMAGE: "grafana/grafana:3", GRAFANA_PROFILE: "watch" };
  expect(machine.read(".env")).toBe(`BASE_IMAGE=node:24-trixie-slim\n${lines(all)}`);
  expect(called(machine, "docker pull")).toHaveLength(3);
  expect(called(machine, "docker build")).toEqual([]);
});

test("where the base image was made here, stand-ins are made of it, Grafana stays out, and no registry is asked", () => {
  using machine = machineWith({ pulls: Object.values(OFFICIAL) });
  machine.write(".env", MADE_HERE);
  const { status, stdout, stderr } = machine.run("watch");
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("grafana: left out, since no registry answers and Debian has none; bring the image");
  expect(machine.read(".env")).toBe(MADE_HERE + lines({ ...STAND_INS, GRAFANA_PROFILE: "without-grafana" }));
  expect(called(machine, "docker pull")).toEqual([]);
  expect(called(machine, "docker build")).toEqual(
    ["prometheus", "alertmanager"].map(
      (name) =>
        `docker build --quiet --target ${name} --build-arg BASE_IMAGE=mllp-safetunnel/base:node24-trixie --tag mllp-safetunnel/${name}:debian -`,
    ),
  );
});

test("stand-ins that are here are not made again, and a Grafana that was loaded comes in", () => {
  using machine = machineWith({ has: [...Object.values(STAND_INS), "grafana/grafana:3"], builds: false });
  machine.write(".env", `${MADE_HERE}GRAFANA_PROFILE=without-grafana\n`);
  expect(machine.run("watch").status).toBe(0);
  const all = { GRAFANA_PROFILE: "watch", ...STAND_INS, GRAFANA_IMAGE: "grafana/grafana:3" };
  expect(machine.read(".env")).toBe(MADE_HERE + lines(all));
  expect(called(machine, "docker image")).toHaveLength(machine.calls().length);
});

test("an image of the environment is taken by its name, and remembered", () => {
  using machine = machineWith({ has: ["hospital/prometheus:3"] });
  machine.write(".env", MADE_HERE);
  expect(machine.run("watch", { PROMETHEUS_IMAGE: "hospital/prometheus:3" }).status).toBe(0);
  expect(machine.read(".env")).toContain("PROMETHEUS_IMAGE=hospital/prometheus:3\n");
});

test("one that is nowhere is an error, and no other takes its place", () => {
  using machine = machineWith({ has: Object.values(STAND_INS) });
  machine.write(".env", MADE_HERE);
  const { status, stderr } = machine.run("watch", { PROMETHEUS_IMAGE: "hospital/prometheus:3" });
  expect(status).toBe(1);
  expect(stderr).toBe(
    'error: no image hospital/prometheus:3 (PROMETHEUS_IMAGE) here or within 300 s from its registry\nhint: bring it with "docker load", or run "unset PROMETHEUS_IMAGE" to let the set-up choose\n',
  );
  expect(machine.read(".env")).toBe(MADE_HERE);
});

test("a stand-in that cannot be made is an error, and is not remembered", () => {
  using machine = machineWith({ builds: false });
  machine.write(".env", MADE_HERE);
  const { status, stderr } = machine.run("watch");
  expect(status).toBe(1);
  expect(stderr).toMatch(/^error: no image mllp-safetunnel\/prometheus:debian could be made\nhint: /);
  expect(machine.read(".env")).toBe(MADE_HERE);
});

test("without a base image nothing is made, and the step that chooses one is named", () => {
  using machine = machineWith({});
  const { status, stderr } = machine.run("watch");
  expect(status).toBe(1);
  expect(stderr).toBe(
    'error: no base image to make mllp-safetunnel/prometheus:debian from\nhint: run "sh setup/base-image.sh"\n',
  );
  expect(called(machine, "docker build")).toEqual([]);
});

test("only what is named is looked for, and what is no service of the profile is an error", () => {
  using machine = machineWith({ has: Object.values(STAND_INS) });
  machine.write(".env", MADE_HERE);
  expect(machine.run("watch", {}, "prometheus", "alertmanager").status).toBe(0);
  expect(machine.read(".env")).toBe(MADE_HERE + lines(STAND_INS));
  expect(machine.run("watch", {}, "kibana").stderr).toContain("error: no service kibana in the profile watch\n");
});
