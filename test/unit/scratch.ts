import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of a test's own, in memory where the system has that: what is written here is synced, file by file. */
export class Scratch implements Disposable {
  readonly folder = mkdtempSync(join(root, "safetunnel-"));

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }

  path(file: string): string {
    return join(this.folder, file);
  }

  read(file: string): string {
    return readFileSync(this.path(file), "utf8");
  }

  /** Writes a file and returns its path. */
  write(file: string, text: string): string {
    writeFileSync(this.path(file), text, { mode: 0o600 });
    return this.path(file);
  }
}

const root = isWritable("/dev/shm") ? "/dev/shm" : tmpdir();

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
