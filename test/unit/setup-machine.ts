import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const nobody = 65534;
const asNobody = ["/usr/bin/setpriv", "--reuid", `${nobody}`, "--regid", `${nobody}`, "--clear-groups"];
const tools = "sh id sed awk grep cat cmp cp dirname env head tail tr mktemp rm timeout".split(" ");

interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** A machine as the set-up scripts see it: a copy of `setup/`, an ordinary user, and nothing on PATH but what is put there. */
export class Machine implements Disposable {
  readonly project = mkdtempSync(join(tmpdir(), "setup-machine-"));
  readonly #bin = join(this.project, "bin");

  constructor() {
    mkdirSync(this.#bin);
    cpSync(join(import.meta.dirname, "../../setup"), join(this.project, "setup"), { recursive: true });
    for (const tool of tools) symlinkSync(pathOf(tool), join(this.#bin, tool));
    this.command("apt-get", "exit 100");
    this.write("os-release", "ID=debian\nVERSION_ID=12\nVERSION_CODENAME=bookworm\n");
    this.#own(this.project);
  }

  /** Puts a command on PATH that records its calls and then does as `script` says. */
  command(name: string, script: string): void {
    const path = join(this.#bin, name);
    // Never writes through a link to the real command.
    rmSync(path, { force: true });
    writeFileSync(path, `#!/bin/sh\nprintf '%s\\n' "${name} $*" >>"${this.project}/calls"\n${script}\n`);
    chmodSync(path, 0o755);
  }

  write(path: string, text: string, mode = 0o644): void {
    mkdirSync(dirname(join(this.project, path)), { recursive: true });
    writeFileSync(join(this.project, path), text);
    chmodSync(join(this.project, path), mode);
    for (let part = path; part !== "."; part = dirname(part)) this.#own(join(this.project, part));
  }

  read(path: string): string {
    return readFileSync(join(this.project, path), "utf8");
  }

  /** The commands put on PATH that were called, with their arguments. */
  calls(): string[] {
    return existsSync(join(this.project, "calls")) ? this.read("calls").trimEnd().split("\n") : [];
  }

  run(script: string, environment: Record<string, string> = {}, ...args: string[]): Outcome {
    const isRoot = process.getuid?.() === 0;
    const command = [...(isRoot ? asNobody : []), join(this.#bin, "sh"), `setup/${script}.sh`, ...args];
    const { status, stdout, stderr } = spawnSync(command[0] as string, command.slice(1), {
      cwd: this.project,
      encoding: "utf8",
      env: {
        PATH: this.#bin,
        SETUP_SBIN: join(this.project, "sbin"),
        SETUP_OS_RELEASE: join(this.project, "os-release"),
        ...environment,
      },
    });
    return { status, stdout, stderr };
  }

  [Symbol.dispose](): void {
    rmSync(this.project, { recursive: true });
  }

  #own(path: string): void {
    if (process.getuid?.() === 0) chownSync(path, nobody, nobody);
  }
}

function pathOf(tool: string): string {
  const folder = ["/bin", "/usr/bin"].find((candidate) => existsSync(join(candidate, tool)));
  if (folder === undefined) throw new Error(`no ${tool} on this machine`);
  return join(folder, tool);
}
