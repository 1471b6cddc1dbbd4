import { existsSync } from "node:fs";
import { chown, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { reasonOf, SafeTunnelError } from "../src/errors.ts";
import type { Pair } from "./certificates.ts";
import { isSiteName } from "./names.ts";

/*
 * A pair is replaced in this order: write key.new, write crt.new, rename the key, rename the certificate. What an
 * interruption leaves tells how far it came, as long as clearing up goes backwards:
 *
 *   key.new             the certificate was not written   → undo
 *   key.new + crt.new   nothing was renamed               → undo
 *             crt.new   the key is the new one            → finish
 */

/** Where the two files of a pair are. */
export interface PairPaths {
  certificate: string;
  key: string;
}

/** Returns the paths of the pair `<folder>/<name>.crt` and `.key`. */
export function pairPaths(folder: string, name: string): PairPaths {
  return { certificate: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
}

/** Returns the names of the pairs that stand in a folder of their own, `<folder>/<name>/<name>.crt` or `.key`. */
export async function findPairs(folder: string): Promise<string[]> {
  const entries = (await reading(folder, () => found(readdir(folder, { withFileTypes: true })))) ?? [];
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return names.filter(
    (name) => isSiteName(name) && Object.values(pairPaths(join(folder, name), name)).some(existsSync),
  );
}

/** Reads what there is of a pair. Throws file-unreadable. */
export async function readPair(paths: PairPaths): Promise<Partial<Pair>> {
  const certificate = await readText(paths.certificate);
  const key = await readText(paths.key);
  return { ...(certificate !== undefined && { certificate }), ...(key !== undefined && { key }) };
}

/** Replaces a pair so that an interruption at any point can be mended by recoverPair. Throws file-unwritable. */
export async function savePair(paths: PairPaths, pair: Pair): Promise<void> {
  const folder = dirname(paths.key);
  try {
    await writing(paths.key, () => writeNew(`${paths.key}.new`, pair.key, 0o600));
    await writing(paths.certificate, async () => {
      await writeNew(`${paths.certificate}.new`, pair.certificate, 0o644);
      await syncFolder(folder);
    });
    await writing(paths.key, () => moveIntoPlace(paths.key));
    await writing(paths.certificate, () => moveIntoPlace(paths.certificate));
  } catch (error) {
    // The failure is what the caller has to hear of; what cannot be mended now is mended by the next run.
    await recoverPair(paths).catch(() => {});
    throw error;
  }
}

/** Finishes or undoes a replacement that was interrupted. Throws file-unreadable, file-unwritable. */
export async function recoverPair(paths: PairPaths): Promise<void> {
  const left = await readPair({ certificate: `${paths.certificate}.new`, key: `${paths.key}.new` });
  if (left.key !== undefined) {
    await writing(paths.key, async () => {
      // The certificate first: alone it would read as "finish", and finish with a key that is gone.
      await rm(`${paths.certificate}.new`, { force: true });
      await syncFolder(dirname(paths.key));
      await rm(`${paths.key}.new`, { force: true });
    });
  } else if (left.certificate !== undefined) {
    await writing(paths.certificate, () => moveIntoPlace(paths.certificate));
  }
}

/** Makes a public file hold `text`, untouched if it does already. Throws file-unreadable, file-unwritable. */
export async function savePublic(path: string, text: string): Promise<void> {
  if ((await readText(path)) === text) return;
  await writing(path, async () => {
    await rm(`${path}.new`, { force: true });
    try {
      await writeNew(`${path}.new`, text, 0o644);
      await moveIntoPlace(path);
    } finally {
      await rm(`${path}.new`, { force: true });
    }
  });
}

/** Creates a folder and those above it. Throws file-unwritable. */
export async function makeFolder(path: string, mode: number): Promise<void> {
  await writing(path, () => mkdir(path, { recursive: true, mode }));
}

/** Gives a folder and the files in it to a user; what is written there later belongs to that user. Throws file-unwritable. */
export async function giveFolder(path: string, uid: number): Promise<void> {
  const files = await reading(path, () => readdir(path));
  for (const each of [path, ...files.map((file) => join(path, file))]) {
    const { uid: owner } = await stat(each);
    if (owner === uid) continue;
    await chown(each, uid, uid).catch((cause) => {
      const what = `cannot give ${each} to user ${uid}: ${reasonOf(cause)}`;
      throw new SafeTunnelError("file-unwritable", what, { hint: "run gen-certs as root, or as that user", cause });
    });
  }
}

/** Does what writes at `path`, and names path and remedy when it cannot. Throws file-unwritable. */
export async function writing<T>(path: string, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const full = codeOf(error) === "ENOSPC" || codeOf(error) === "EDQUOT";
    const hint = full
      ? `free some space on the disk of ${dirname(path)}, then run gen-certs again`
      : `make ${dirname(path)} writable for this user, or choose another folder with --out`;
    throw new SafeTunnelError("file-unwritable", `cannot write ${path}: ${reasonOf(error)}`, { hint, cause: error });
  }
}

/** Reads a file, undefined where there is none. Throws file-unreadable. */
export async function readText(path: string): Promise<string | undefined> {
  return await reading(path, () => found(readFile(path, "utf8")));
}

async function found<T>(what: Promise<T>): Promise<T | undefined> {
  return await what.catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  });
}

async function reading<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const hint = "run gen-certs as the user who owns the folder";
    throw new SafeTunnelError("file-unreadable", `cannot read ${path}: ${reasonOf(error)}`, { hint, cause: error });
  }
}

async function writeNew(path: string, text: string, mode: number): Promise<void> {
  await using file = await open(path, "wx", mode);
  const { uid, gid } = await stat(dirname(path));
  // root makes files for whoever the folder belongs to, so that a renewal does not take them from a container's user
  if (process.getuid?.() === 0 && uid !== 0) await file.chown(uid, gid);
  await file.writeFile(text);
  await file.sync();
}

async function moveIntoPlace(path: string): Promise<void> {
  await rename(`${path}.new`, path);
  await syncFolder(dirname(path));
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, "r");
  await folder.sync();
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
