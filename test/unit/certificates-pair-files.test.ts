import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { withFolderLock } from "../../stunnel/folder-lock.ts";
import { giveFolder, pairPaths, recoverPair, savePair, savePublic, writing } from "../../stunnel/pair-files.ts";
import { Scratch } from "./scratch.ts";

const before = { key: "old key", certificate: "old certificate" };
const after = { key: "new key", certificate: "new certificate" };
let scratch: Scratch;
let folder: string;

beforeEach(() => {
  scratch = new Scratch();
  folder = scratch.folder;
});
afterEach(() => scratch[Symbol.dispose]());

const write = (files: Record<string, string>) => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
};
const content = () =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
const filesOf = ({ key, certificate }: typeof before) => ({ "eai.key": key, "eai.crt": certificate });

test("a folder that is given to a user stays that user's when a pair in it is replaced", async () => {
  const self = process.getuid?.() ?? 0;
  const owner = self === 0 ? 1000 : self;
  write(filesOf(before));
  await giveFolder(folder, owner);
  await savePair(pairPaths(folder, "eai"), after);
  expect(content()).toEqual(filesOf(after));
  for (const name of ["", "eai.key", "eai.crt"]) expect(statSync(join(folder, name)).uid).toBe(owner);
  expect(statSync(join(folder, "eai.key")).mode & 0o777).toBe(0o600);
});

describe("a replacement that was interrupted", () => {
  test.each([
    ["while the key was written", { ...filesOf(before), "eai.key.new": "new k" }, filesOf(before)],
    ["before the certificate was written", { ...filesOf(before), "eai.key.new": after.key }, filesOf(before)],
    [
      "while the certificate was written",
      { ...filesOf(before), "eai.key.new": after.key, "eai.crt.new": "new c" },
      filesOf(before),
    ],
    [
      "before the key was renamed",
      { ...filesOf(before), "eai.key.new": after.key, "eai.crt.new": after.certificate },
      filesOf(before),
    ],
    [
      "between the two renames",
      { "eai.key": after.key, "eai.crt": before.certificate, "eai.crt.new": after.certificate },
      filesOf(after),
    ],
    ["after the last rename", filesOf(after), filesOf(after)],
    ["while the first key was written", { "eai.key.new": "" }, {}],
    ["before the first key was renamed", { "eai.key.new": after.key, "eai.crt.new": after.certificate }, {}],
    ["between the first two renames", { "eai.key": after.key, "eai.crt.new": after.certificate }, filesOf(after)],
  ])("%s leaves a matching pair or none", async (_point, left, expected) => {
    write(left);
    await recoverPair(pairPaths(folder, "eai"));
    expect(content()).toEqual(expected);
    await recoverPair(pairPaths(folder, "eai"));
    expect(content()).toEqual(expected);
  });
});

describe("saving a pair", () => {
  test("replaces both files and leaves nothing beside them", async () => {
    write(filesOf(before));
    await savePair(pairPaths(folder, "eai"), after);
    expect(content()).toEqual(filesOf(after));
  });

  test("gives the key to its owner alone, whatever the old one allowed", async () => {
    write(filesOf(before));
    await savePair(pairPaths(folder, "eai"), after);
    expect(statSync(join(folder, "eai.key")).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "eai.crt")).mode & 0o444).not.toBe(0);
  });

  test("that fails before the first rename leaves the old pair", async () => {
    write({ ...filesOf(before), "eai.crt.new": "in the way" });
    await expect(savePair(pairPaths(folder, "eai"), after)).rejects.toMatchObject({ code: "file-unwritable" });
    expect(content()).toEqual(filesOf(before));
  });

  test("in a folder that is none names the path and a remedy", async () => {
    write({ file: "" });
    const paths = pairPaths(join(folder, "file"), "eai");
    await expect(savePair(paths, after)).rejects.toMatchObject({
      code: "file-unwritable",
      message: expect.stringContaining(paths.key),
      hint: expect.stringContaining("--out"),
    });
  });

  test("on a full disk says so", async () => {
    const error = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    await expect(writing("/certs/eai.key", () => Promise.reject(error))).rejects.toMatchObject({
      code: "file-unwritable",
      message: expect.stringContaining("/certs/eai.key"),
      hint: expect.stringContaining("free some space"),
    });
  });
});

describe("saving a public copy", () => {
  test("mends one that differs, and what an interruption left", async () => {
    write({ "ca.crt": "old", "ca.crt.new": "ne" });
    await savePublic(join(folder, "ca.crt"), "new");
    expect(content()).toEqual({ "ca.crt": "new" });
  });

  test("does not touch one that is right", async () => {
    write({ "ca.crt": "same" });
    const { mtimeMs, ino } = statSync(join(folder, "ca.crt"));
    await savePublic(join(folder, "ca.crt"), "same");
    expect(statSync(join(folder, "ca.crt"))).toMatchObject({ mtimeMs, ino });
  });
});

describe("the lock of a folder", () => {
  test("lets one action follow the other", async () => {
    const events: string[] = [];
    const action = (name: string) => async () => {
      events.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      events.push(`${name} ends`);
    };
    await Promise.all([withFolderLock(folder, action("a")), withFolderLock(folder, action("b"))]);
    expect(events).toEqual(["a begins", "a ends", "b begins", "b ends"]);
  });

  test("gives up after its time, and says how long that was", async () => {
    await withFolderLock(folder, async () => {
      await expect(withFolderLock(folder, async () => {}, 60)).rejects.toMatchObject({
        code: "folder-locked",
        message: expect.stringContaining("60 ms"),
      });
    });
  });

  test("is free again after an action that failed", async () => {
    await expect(withFolderLock(folder, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await expect(withFolderLock(folder, async () => "done", 0)).resolves.toBe("done");
  });

  test("goes with a process that is killed", async () => {
    const module = import.meta.resolve("../../stunnel/folder-lock.ts");
    const script = `import { withFolderLock } from ${JSON.stringify(module)};
      await withFolderLock(${JSON.stringify(folder)}, () => { console.log("locked"); return new Promise((r) => setTimeout(r, 60000)); });`;
    const holder = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(holder.stdout, "data");
    await expect(withFolderLock(folder, async () => {}, 0)).rejects.toMatchObject({ code: "folder-locked" });
    holder.kill("SIGKILL");
    await once(holder, "exit");
    await expect(withFolderLock(folder, async () => "done", 0)).resolves.toBe("done");
  });

  test("leaves one empty file", async () => {
    await withFolderLock(folder, async () => cpSync(join(folder, ".lock"), join(folder, "copy")));
    expect(content()).toEqual({ ".lock": "", copy: "" });
  });
});
