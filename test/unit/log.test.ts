import { mkdir, mkdtempDisposable, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openLog } from "../../src/log/log.ts";
import { readSettings } from "../../src/settings.ts";

test("a line is JSON with site, part, level, event and words", async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), "log-"));
  const log = openLog("send", await readSettings({ DATA_DIR: directory.path, SITE: "dpi" }));
  log.info({ event: "message-acknowledged", code: "AA" }, "sent");
  const line = JSON.parse(await readFile(join(directory.path, "log/send.log"), "utf8"));
  expect(line).toMatchObject({ site: "dpi", part: "send", event: "message-acknowledged", code: "AA", msg: "sent" });
  expect(Date.parse(line.time)).not.toBeNaN();
});

test("a log at its limit becomes the old one, and nothing of it is lost", async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), "log-"));
  const settings = await readSettings({ DATA_DIR: directory.path });
  openLog("site", settings);
  const path = join(directory.path, "log/site.log");
  await writeFile(path, Buffer.alloc(10 * 1024 * 1024 + 1, "x"));
  openLog("site", settings).info({ event: "site-runs" }, "after");
  expect((await stat(`${path}.1`)).size).toBe(10 * 1024 * 1024 + 1);
  expect(await readFile(path, "utf8")).toContain("after");
});

test("a log that cannot be put aside goes on, and ends nothing", async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), "log-"));
  const path = join(directory.path, "log/site.log");
  const settings = await readSettings({ DATA_DIR: directory.path });
  openLog("site", settings);
  await writeFile(path, Buffer.alloc(10 * 1024 * 1024 + 1, "x"));
  // a directory of that name cannot be replaced by a file
  await mkdir(`${path}.1/in-the-way`, { recursive: true });
  const log = openLog("site", settings);
  log.info({ event: "site-runs" }, "one");
  log.info({ event: "site-runs" }, "two");
  await expect.poll(async () => (await readFile(path, "utf8")).slice(-200)).toContain("two");
});

test("a directory that cannot be written is named, with what to do", async () => {
  const settings = await readSettings({ DATA_DIR: "/dev/null/no" });
  expect(() => openLog("send", settings)).toThrow(
    expect.objectContaining({ code: "file-unwritable", message: expect.stringContaining("/dev/null/no") }),
  );
});
