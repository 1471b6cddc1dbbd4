import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { copyProject, must, ROOT, run } from "./sandbox/index.ts";

/** Runs a tool of an image of the profile on a folder that stands for watch/. */
async function withTool(service: "prometheus" | "alertmanager", folder: string, ...command: string[]) {
  const config = await must("docker", ["compose", "--profile", "watch", "config", "--format", "json"]);
  const { image } = (JSON.parse(config) as { services: Record<string, { image: string }> }).services[service] ?? {};
  const [entrypoint = "", ...args] = command;
  const mount = `${folder}:/watch:ro`;
  const run_ = [
    "run",
    "--rm",
    "--network",
    "none",
    "--volume",
    mount,
    "--entrypoint",
    entrypoint,
    image ?? "",
    ...args,
  ];
  return run("docker", run_);
}

const WATCH = join(ROOT, "watch");

test("promtool takes the configuration and the rules, and their tests pass", async () => {
  const checked = await withTool("prometheus", WATCH, "promtool", "check", "config", "/watch/prometheus.yml");
  expect(checked.stdout + checked.stderr).toMatch(/SUCCESS: \d+ rules found/);
  const tested = await withTool("prometheus", WATCH, "promtool", "test", "rules", "/watch/alerts.test.yml");
  expect([tested.code, tested.stdout + tested.stderr]).toEqual([0, expect.stringContaining("SUCCESS")]);
});

test("a rule with another threshold fails them", async () => {
  await using copy = await copyProject();
  await must("sed", ["-i", "s/mllp_outbox_messages > 100/mllp_outbox_messages > 101/", "watch/alerts.yml"], {
    cwd: copy.path,
  });
  await must("chmod", ["-R", "a+rX", copy.path]);
  const { code, stdout, stderr } = await withTool(
    "prometheus",
    join(copy.path, "watch"),
    ...["promtool", "test", "rules", "/watch/alerts.test.yml"],
  );
  expect([code, stdout + stderr]).toEqual([1, expect.stringContaining("alertname: QueueDeep")]);
});

test("amtool takes the configuration of Alertmanager", async () => {
  const { code, stdout, stderr } = await withTool(
    "alertmanager",
    WATCH,
    ...["amtool", "check-config", "/watch/alertmanager.yml"],
  );
  expect([code, stdout + stderr]).toEqual([0, expect.stringContaining("SUCCESS")]);
});

test.each(["docs/operations.md", "docs/operations.fr.md"])("%s has a paragraph for each alert", async (document) => {
  const rules = await readFile(join(WATCH, "alerts.yml"), "utf8");
  const linked = [...rules.matchAll(/runbook_url: docs\/operations\.md#(\w+)/g)].map(([, anchor]) => anchor);
  const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name?.toLowerCase());
  expect(linked).toEqual(alerts);
  const text = await readFile(join(ROOT, document), "utf8");
  const headings = [...text.matchAll(/^### (\w+)$/gm)].map(([, name]) => name?.toLowerCase());
  expect(headings.filter((name) => alerts.includes(name)).toSorted()).toEqual(alerts.toSorted());
});
