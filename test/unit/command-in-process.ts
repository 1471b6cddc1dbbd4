import type { Command } from "commander";
import { vi } from "vitest";
import { runCommand } from "../../src/commands/run.ts";
import type { Finished } from "./run-command.ts";

/** Runs a command as its file in src/bin does, into a pipe, without a process of its own, which takes long to start. */
export async function runIn(dataDir: string, command: Command, ...parameters: string[]): Promise<Finished> {
  const written = { stdout: "", stderr: "" };
  const streams = ["stdout", "stderr"] as const;
  for (const name of streams)
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      written[name] += text;
      return true;
    });
  const { argv } = process;
  process.argv = ["node", command.name(), ...parameters];
  vi.stubEnv("DATA_DIR", dataDir).stubEnv("FORCE_COLOR", undefined);
  try {
    await runCommand(command);
    return { code: Number(process.exitCode ?? 0), ...written };
  } finally {
    process.exitCode = undefined;
    process.argv = argv;
    process.stdout.removeAllListeners("error");
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  }
}
