import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Machine } from "./setup-machine.ts";

const official = "node:24-trixie-slim";
const local = "mllp-safetunnel/base:node24-trixie";

/** A docker that has some images, and can pull some. */
function docker({ has = [], pulls = [] }: { has?: string[]; pulls?: string[] }): string {
  const cases = [...has.map((image) => `"image inspect ${image}"`), ...pulls.map((image) => `"pull --quiet ${image}"`)];
  return `case "$*" in ${["none", ...cases].join(" | ")}) ;; *) exit 1 ;; esac`;
}

test("an image that is here is remembered, and every other line of .env is kept", () => {
  using machine = new Machine();
  machine.command("docker", docker({ has: [official] }));
  machine.write(".env", '# mine\nEAI_PORT=1\n\nBASE_IMAGE=gone:1\nNAME="x y"\nMY_BASE_IMAGE=2\n\n', 0o640);
  expect(machine.run("base-image")).toEqual({ status: 0, stdout: `base image: ${official}\n`, stderr: "" });
  expect(machine.read(".env")).toBe(`# mine\nEAI_PORT=1\n\nBASE_IMAGE=${official}\nNAME="x y"\nMY_BASE_IMAGE=2\n\n`);
  expect(statSync(join(machine.project, ".env")).mode & 0o777).toBe(0o640);
});

test.each([
  ["is made where there is none", undefined, `BASE_IMAGE=${official}\n`],
  ["may lack its last line end", "A=1", `A=1\nBASE_IMAGE=${official}\n`],
  ["names the image once", "BASE_IMAGE=a\nA=1\nBASE_IMAGE=b\n", `BASE_IMAGE=${official}\nA=1\n`],
])(".env %s", (_name, before, after) => {
  using machine = new Machine();
  machine.command("docker", docker({ has: [official] }));
  if (before !== undefined) machine.write(".env", before);
  expect(machine.run("base-image").status).toBe(0);
  expect(machine.read(".env")).toBe(after);
});

test("a remembered image that is here is kept, and nothing is pulled or written", () => {
  using machine = new Machine();
  machine.command("docker", docker({ has: ["hospital/node:24", official] }));
  machine.write(".env", "BASE_IMAGE='hospital/node:24'\r\n", 0o444);
  expect(machine.run("base-image").stdout).toBe("base image: hospital/node:24\n");
  expect(machine.calls()).toEqual(["docker image inspect hospital/node:24"]);
  expect(machine.read(".env")).toBe("BASE_IMAGE='hospital/node:24'\r\n");
});

test("BASE_IMAGE of the environment wins over .env, and is pulled where it is not here", () => {
  using machine = new Machine();
  machine.command("docker", docker({ has: [official], pulls: ["hospital/node:24"] }));
  machine.write(".env", `BASE_IMAGE=${official}\n`);
  expect(machine.run("base-image", { BASE_IMAGE: "hospital/node:24" }).status).toBe(0);
  expect(machine.read(".env")).toBe("BASE_IMAGE=hospital/node:24\n");
});

test("BASE_IMAGE of the environment that is nowhere is an error, and no other image takes its place", () => {
  using machine = new Machine();
  machine.command("docker", docker({ has: [official] }));
  const { status, stderr } = machine.run("base-image", { BASE_IMAGE: "hospital/node:24" });
  expect(status).toBe(1);
  expect(stderr).toBe(
    'error: no image hospital/node:24 (BASE_IMAGE) here or within 60 s from its registry\nhint: bring it with "docker load", or run "unset BASE_IMAGE" to let the set-up choose\n',
  );
});

test("the official image is pulled where a registry answers", () => {
  using machine = new Machine();
  machine.command("docker", docker({ pulls: [official] }));
  expect(machine.run("base-image").status).toBe(0);
  expect(machine.read(".env")).toBe(`BASE_IMAGE=${official}\n`);
});

test("the image that was made here is taken before any pull", () => {
  using machine = new Machine();
  machine.command("docker", docker({ has: [local], pulls: [official] }));
  expect(machine.run("base-image").status).toBe(0);
  expect(machine.read(".env")).toBe(`BASE_IMAGE=${local}\n`);
  expect(machine.calls().some((call) => call.startsWith("docker pull"))).toBe(false);
});

test.each([
  ["an ordinary user", "ID=debian\n", "only root can make one", 'run "sudo npm start"'],
  ["another system than Debian", "ID=fedora\n", "only a Debian machine can make one", "bring one with"],
])("without a registry, %s reads how to get an image", (_name, osRelease, what, hint) => {
  using machine = new Machine();
  machine.command("docker", docker({}));
  machine.write("os-release", osRelease);
  const { status, stderr } = machine.run("base-image");
  expect(status).toBe(1);
  expect(stderr).toContain(`error: no base image here, and ${what}\nhint: ${hint}`);
  expect(machine.calls().filter((call) => call.startsWith("apt-get"))).toEqual([]);
});

test("naming the image that is made here asks for it to be made, and nothing is pulled", () => {
  using machine = new Machine();
  machine.command("docker", docker({ has: [official], pulls: [local] }));
  const { status, stderr } = machine.run("base-image", { BASE_IMAGE: local });
  expect(status).toBe(1);
  expect(stderr).toContain("error: no base image here, and only root can make one\n");
  expect(machine.calls().filter((call) => call.startsWith("docker"))).toEqual([`docker image inspect ${local}`]);
});
