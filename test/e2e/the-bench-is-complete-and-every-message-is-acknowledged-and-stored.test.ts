import { mkdtempDisposable, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Results } from "../bench/bench.ts";
import { PATHS, type PathName } from "../bench/paths.ts";
import { run } from "./sandbox/index.ts";

const STORED: PathName[] = ["normal", "full", "plain", "reconnect"];

test("in its smoke form, which says nothing of speed", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "safetunnel-bench-"));
  const bench = ["test/bench/bench.ts", "--smoke", "--json", "--out", folder.path];
  const { code, stdout, stderr } = await run("tsx", bench);
  expect([code, stderr]).toEqual([0, expect.stringContaining(`are in ${folder.path}`)]);
  const results = JSON.parse(stdout) as Results;
  expect(JSON.parse(await readFile(join(folder.path, "bench.json"), "utf8"))).toEqual(results);

  expect(results.exchanges.map(({ message, connections }) => `${message}, ${connections}`)).toEqual([
    "ADT 1 KB, 4",
    "MDM 200 KB, 4",
  ]);
  for (const { paths } of results.exchanges) {
    expect(Object.keys(paths)).toEqual(Object.keys(PATHS));
    for (const path of Object.keys(PATHS) as PathName[]) {
      const { messages, acknowledged, stored, messagesPerSecond, p999Ms, cpuMsPerMessage } = paths[path];
      expect([path, acknowledged, stored]).toEqual([path, messages, STORED.includes(path) ? messages : 0]);
      expect(Math.min(messages, messagesPerSecond.least, p999Ms.least)).toBeGreaterThan(0);
      expect(Object.keys(cpuMsPerMessage)).toEqual(["sender", "near Stunnel", "far Stunnel", "listener"]);
    }
  }
  expect(results.processes?.median).toBeGreaterThan(0);
  expect(results.memory.map(({ site, messages }) => [site, messages])).toEqual([
    ["eai", 20],
    ["dpi", 20],
  ]);
  for (const { mostBytes } of results.memory) expect(mostBytes).toBeGreaterThan(10_000_000);
  expect(results.growth.map(({ rows }) => rows)).toEqual([300, 600]);
  expect(results.watching.map(({ message, connections }) => `${message}, ${connections}`)).toEqual([
    "ADT 1 KB, 1",
    "MDM 200 KB, 1",
  ]);
  for (const { watched, unwatched, ratio } of results.watching)
    expect(Math.min(watched.least, unwatched.least, ratio.least)).toBeGreaterThan(0);
  expect(results.machine).toMatchObject({
    node: expect.stringMatching(/^v24/),
    stunnel: expect.stringMatching(/stunnel 5/),
  });

  const plot = await readFile(join(folder.path, "bench.svg"), "utf8");
  for (const { message, connections } of results.exchanges)
    expect(plot).toContain(`${message}, ${connections} conn., full`);
});
