import { readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Machine } from "./setup-machine.ts";

const ci = "npm ci --include=dev --loglevel error --no-audit --no-fund";
const installs = (version: string) => `mkdir -p node_modules/.bin
printf '#!/bin/sh\\necho ${version}\\n' >node_modules/.bin/node
chmod 755 node_modules/.bin/node`;

function machineWith({ node = "20.19.0", npm = installs("v24.21.0") } = {}): Machine {
  const machine = new Machine();
  machine.command("node", `echo ${node}`);
  machine.command("npm", `PATH=/usr/bin:/bin\n${npm}`);
  machine.write("package-lock.json", "{}");
  return machine;
}

const installations = (machine: Machine) => machine.calls().filter((call) => call === ci).length;

test("packages are installed once, and again only when the lock file changes", () => {
  using machine = machineWith();
  expect(machine.run("dependencies")).toEqual({
    status: 0,
    stdout: "installing npm packages (about half a minute)\n",
    stderr: "",
  });
  expect(machine.run("dependencies")).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(installations(machine)).toBe(1);
  machine.write("package-lock.json", '{"lockfileVersion":3}');
  expect(machine.run("dependencies").status).toBe(0);
  expect(installations(machine)).toBe(2);
});

test("the packages of another checkout, behind a link, are left as they are", () => {
  using machine = machineWith();
  machine.write("other/node_modules/kept", "");
  symlinkSync(join(machine.project, "other/node_modules"), join(machine.project, "node_modules"));
  expect(machine.run("dependencies").status).toBe(0);
  expect(readdirSync(join(machine.project, "other/node_modules"))).toEqual(["kept"]);
  expect(readdirSync(join(machine.project, "node_modules"))).toContain(".installed-lock");
});

test("an installation that failed is not remembered", () => {
  using machine = machineWith({ npm: `${installs("v24.21.0")}\nexit 1` });
  for (let run = 1; run <= 2; run++) {
    const { status, stderr } = machine.run("dependencies");
    expect(status).toBe(1);
    expect(stderr).toBe("error: npm ci failed\nhint: mend what npm says above, then run it again\n");
    expect(installations(machine)).toBe(run);
  }
});

test("an installation that left no Node 24 is an error", () => {
  using machine = machineWith({ npm: installs("v22.1.0") });
  expect(machine.run("dependencies").stderr).toContain("error: npm ci left no Node 24 in node_modules/.bin\nhint: ");
});

test.each([
  ["too old", "echo 18.20.4", "error: Node 18.20.4 is older than 20\nhint: install Node 20 or later\n"],
  ["missing", "exit 127", "error: node is not on PATH\nhint: install Node 20 or later\n"],
])("a node that is %s is an error, and nothing is installed", (_name, node, stderr) => {
  using machine = machineWith();
  machine.command("node", node);
  expect(machine.run("dependencies")).toEqual({ status: 1, stdout: "", stderr });
  expect(installations(machine)).toBe(0);
});
