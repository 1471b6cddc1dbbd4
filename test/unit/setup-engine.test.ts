import { expect, test } from "vitest";
import { Machine } from "./setup-machine.ts";

const works = 'case "$*" in "context show") echo default ;; esac';
const infoFails = (reason: string) => `case "$*" in
  info) echo "${reason}" >&2; exit 1 ;;
  "context show") echo default ;;
esac`;
const without = (plugin: string) => `[ "$1" != ${plugin} ] || exit 1`;

const sudoStart = 'hint: run "sudo npm start"\n';

function expectRefusal(machine: Machine, stderr: string, environment: Record<string, string> = {}): void {
  expect(machine.run("engine", environment)).toEqual({ status: 1, stdout: "", stderr });
  expect(machine.calls().filter((call) => call.startsWith("apt-get"))).toEqual([]);
}

test("where docker answers with compose and buildx, nothing is installed", () => {
  using machine = new Machine();
  machine.command("docker", works);
  expect(machine.run("engine")).toEqual({
    status: 0,
    stdout: "engine: docker answers, with compose and buildx\n",
    stderr: "",
  });
  expect(machine.calls()).toEqual(["docker info", "docker compose version", "docker buildx version"]);
});

test("an ordinary user without docker reads what is missing", () => {
  using machine = new Machine();
  expectRefusal(
    machine,
    `error: no docker engine, docker client, docker compose v2, docker buildx on this machine, and only root can install it\n${sudoStart}`,
  );
});

test("an ordinary user with a client and no engine reads that the engine is missing", () => {
  using machine = new Machine();
  machine.command("docker", infoFails("Cannot connect to the Docker daemon"));
  expectRefusal(machine, `error: no docker engine on this machine, and only root can install it\n${sudoStart}`);
});

test("an engine that is installed and not running is told from one that is missing", () => {
  using machine = new Machine();
  machine.command("docker", infoFails("Cannot connect to the Docker daemon"));
  machine.write("sbin/dockerd", "", 0o755);
  const { status, stderr } = machine.run("engine");
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^error: docker engine is installed but not running\nhint: run "sudo (systemctl start docker|npm start)"\n$/,
  );
});

test("a user who may not use the socket reads which group to join", () => {
  using machine = new Machine();
  machine.command("docker", infoFails("permission denied while trying to connect to the Docker daemon socket"));
  machine.command("id", 'case "$1" in -un) echo alice ;; *) echo 1000 ;; esac');
  expectRefusal(
    machine,
    'error: no permission on the docker socket for the user alice\nhint: run "sudo usermod -aG docker alice", then log in again\n',
  );
});

test.each([
  ["compose", "docker compose v2"],
  ["buildx", "docker buildx"],
])("a docker without %s is not enough", (plugin, words) => {
  using machine = new Machine();
  machine.command("docker", without(plugin));
  expectRefusal(machine, `error: no ${words} on this machine, and only root can install it\n${sudoStart}`);
});

test("an engine elsewhere that does not answer is neither installed nor started, even by root", () => {
  using machine = new Machine();
  machine.command("docker", infoFails("Cannot connect to the Docker daemon"));
  machine.command("id", "echo 0");
  expectRefusal(
    machine,
    'error: no answer from the docker engine at tcp://10.0.0.1:2376 (DOCKER_HOST) within 10 s\nhint: start that engine, or run "unset DOCKER_HOST" to use this machine\'s own\n',
    { DOCKER_HOST: "tcp://10.0.0.1:2376" },
  );
});

test("an engine of another context that does not answer is neither installed nor started, even by root", () => {
  using machine = new Machine();
  machine.command("docker", 'case "$*" in "context show") echo lab ;; info) exit 1 ;; esac');
  machine.command("id", "echo 0");
  expectRefusal(
    machine,
    'error: no answer from the docker engine of the context lab within 10 s\nhint: start that engine, or run "docker context use default" to use this machine\'s own\n',
  );
});

test.each([
  ["of another family", "ID=fedora\nVERSION_ID=42\n", "which is not of the Debian family", "install Docker Engine"],
  [
    "too old for Debian 13's packages",
    "ID=debian\nVERSION_ID=11\n",
    "and Debian 11 is too old",
    "use Debian 12 or later",
  ],
])("root on a machine %s installs nothing", (_name, osRelease, what, hint) => {
  using machine = new Machine();
  machine.command("docker", without("buildx"));
  machine.command("id", "echo 0");
  machine.write("os-release", osRelease);
  const { status, stderr } = machine.run("engine");
  expect(status).toBe(1);
  expect(stderr).toContain(`error: no docker buildx on this machine, ${what}`);
  expect(stderr).toContain(`hint: ${hint}`);
  expect(machine.calls().filter((call) => call.startsWith("apt-get"))).toEqual([]);
});
