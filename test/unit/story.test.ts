import { mkdtempDisposable, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openLog } from "../../src/log/log.ts";
import { storyStream } from "../../src/log/story.ts";
import { readSettings } from "../../src/settings.ts";

let told = "";
beforeEach(() => {
  told = "";
  vi.useFakeTimers();
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    told += text;
    return true;
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Logs so many messages that went well, and one that did not; returns the lines of the file. */
async function log(environment: NodeJS.ProcessEnv, messages: number): Promise<string[]> {
  await using directory = await mkdtempDisposable(join(tmpdir(), "story-"));
  const settings = await readSettings({ DATA_DIR: directory.path, ...environment });
  const listen = openLog("listen", settings, storyStream);
  for (let nth = 1; nth <= messages; nth += 1) listen.info({ event: "message-accepted" }, `received ${nth}`);
  listen.warn({ event: "message-refused" }, "refused one");
  vi.advanceTimersByTime(1000);
  vi.advanceTimersByTime(1000);
  return (await readFile(join(directory.path, "log/listen.log"), "utf8")).trim().split("\n");
}

test("a reader is told what can be followed, how many more went well, and all that did not", async () => {
  const lines = await log({ LOG_FORMAT: "pretty" }, 1000);
  expect(told.match(/received \d+/g)).toHaveLength(50);
  expect(told).toMatch(
    /WARN: listen: refused one\n.*INFO: listen: and 950 more messages that went well, each in log\/listen.log/s,
  );
  expect(lines).toHaveLength(1001);
});

test("with no more than can be followed, nothing is left out", async () => {
  await log({ LOG_FORMAT: "pretty" }, 50);
  expect(told.match(/received \d+/g)).toHaveLength(50);
  expect(told).not.toContain("more messages");
});

test("what is collected is every line", async () => {
  await log({ LOG_FORMAT: "json" }, 1000);
  expect(
    told
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).msg),
  ).toHaveLength(1001);
});
