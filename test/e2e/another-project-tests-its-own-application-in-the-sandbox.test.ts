import { copyFile, cp, mkdtempDisposable, readFile, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { blocksOf } from "./sandbox/documents.ts";
import { must, ROOT, run } from "./sandbox/index.ts";

/** The example project where nothing of this one is, with the composition file that a release has. */
async function exampleProject() {
  const directory = await mkdtempDisposable(join(tmpdir(), "safetunnel-example-"));
  const isOurs = (path: string) => !/node_modules|safetunnel\.yml$/.test(path);
  await cp(join(ROOT, "test/example-project"), directory.path, { recursive: true, filter: isOurs });
  await copyFile(join(ROOT, "docker-compose.yml"), join(directory.path, "safetunnel.yml"));
  await symlink(join(ROOT, "node_modules"), join(directory.path, "node_modules"));
  return directory;
}

/** Makes one change to the application under test, which has to be possible. */
async function change(directory: string, from: string, to: string): Promise<void> {
  const path = join(directory, "application.ts");
  const text = await readFile(path, "utf8");
  expect(text).toContain(from);
  await writeFile(path, text.replace(from, to));
}

describe("another project tests its own application", () => {
  test("with Testcontainers and with plain Compose at the same time, and leaves nothing", async () => {
    await using project = await exampleProject();
    const { code, stdout, stderr } = await run("npm", ["test"], { cwd: project.path });
    expect(code, stdout + stderr).toBe(0);
    const shown = (await blocksOf("docs/ci-fixture.md")).find(({ command }) => command.endsWith("npm test"))?.output;
    const printed = stdout.split("\n").map((line) => line.replace(/ \([\d.]+ms\)$/, ""));
    expect(shown).toMatch(/Testcontainers/);
    for (const line of shown?.split("\n") ?? []) expect(printed).toContain(line);
    expect(stdout).toMatch(/pass 13\n.*fail 0\n.*cancelled 0\n.*skipped 0\n/);
    const place = `label=com.docker.compose.project.working_dir=${project.path}`;
    expect(await must("docker", ["ps", "--all", "--quiet", "--filter", place])).toBe("");
  });
});

describe.concurrent("and hears of what is wrong with it", () => {
  test("an application that takes AE for a success makes its tests fail", async () => {
    await using project = await exampleProject();
    await change(project.path, 'code === "AA" ||', 'code === "AA" || code === "AE" ||');
    const env = { NODE_OPTIONS: "--test-name-pattern=AE" };
    const { code, stdout } = await run("npm", ["run", "test:testcontainers"], { cwd: project.path, env });
    expect(code, stdout).toBe(1);
    expect(stdout).toMatch(/✖ AE is a refusal[\s\S]*\+ 'delivered'\n.*- 'refused'/);
  });

  test("an application that does not listen is named, and nothing hangs", async () => {
    await using project = await exampleProject();
    await change(project.path, "listen(21010)", "listen(21011)");
    const { code, stdout } = await run("npm", ["run", "test:compose"], { cwd: project.path });
    expect(code, stdout).toBe(1);
    expect(stdout).toMatch(/container \S+-application-1 is unhealthy/);
    expect(stdout).toMatch(/pass 0\n/);
  });
});
