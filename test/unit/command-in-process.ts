import { pathToFileURL } from "node:url";
import type { Command } from "commander";
import { vi } from "vitest";
import { runCommand } from "../../src/commands/run.ts";
import type { Finished } from "./run-command.ts";

/** Runs a command as its file in src/bin does, into a pipe, without a process of its own, which takes long to start. */
export async function runIn(dataDir: string, command: Command, ...parameters: string[]): Promise<Finished> {
  vi.stubEnv("DATA_DIR", dataDir);
  return await finish([command.name(), ...parameters], () => runCommand(command));
}

let runs = 0;

/** Returns what runs a file that is a command of the project in a folder, one run after the other, in this process. */
export function fileIn(cwd: string, path: string): (...parameters: string[]) => Promise<Finished> {
  const file = pathToFileURL(path);
  return async (...parameters) => {
    const before = process.cwd();
    process.chdir(cwd);
    // a file that was imported once does nothing when it is imported again
    return await finish([path, ...parameters], () => import(`${file}?run=${++runs}`)).finally(() =>
      process.chdir(before),
    );
  };
}

async function finish(parameters: string[], run: () => Promise<unknown>): Promise<Finished> {
  const written = { stdout: "", stderr: "" };
  const streams = ["stdout", "stderr"] as const;
  for (const name of streams)
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      written[name] += text;
      return true;
    });
  const { argv } = process;
  process.argv = ["node", ...parameters];
  vi.stubEnv("FORCE_COLOR", undefined);
  try {
    await run();
    return { code: Number(process.exitCode ?? 0), ...written };
  } finally {
    process.exitCode = undefined;
    process.argv = argv;
    process.stdout.removeAllListeners("error");
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  }
}
