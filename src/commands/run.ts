import { type Command, CommanderError, InvalidArgumentError } from "commander";
import { SafeTunnelError } from "../errors.ts";
import { durationMs, periodMs, wholeNumber } from "../settings.ts";
import { ExitCode, printError } from "../terminal.ts";

/** Runs a command of this project: usage errors exit 2, every other error is told in two lines and exits 1. */
export async function runCommand(command: Command): Promise<void> {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // a reader that has seen enough ("| head") changes nothing of what the exit code says
    if (error.code === "EPIPE") return;
    printError(
      new SafeTunnelError("file-unwritable", `cannot write to standard output: ${error.message}`, {
        hint: "see whether the disk behind it is full",
        cause: error,
      }),
    );
    process.exit(ExitCode.failed);
  });
  for (const each of [command, ...command.commands])
    each.exitOverride().showHelpAfterError('hint: "--help" lists the options, with examples');
  try {
    await command.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? ExitCode.accepted : ExitCode.usage;
      return;
    }
    printError(error);
    const wrongUsage = error instanceof SafeTunnelError && error.code === "invalid-setting";
    process.exitCode = wrongUsage ? ExitCode.usage : ExitCode.failed;
  }
}

/** Reads the value of a duration option. */
export const durationOption = (name: string) => (text: string) => usage(() => durationMs(text, name));

/** Reads the value of a duration option that cannot be nothing. */
export const periodOption = (name: string) => (text: string) => usage(() => periodMs(text, name));

/** Reads the value of an option that is a whole number. */
export const numberOption = (name: string, least: number, most?: number) => (text: string) =>
  usage(() => wholeNumber(text, name, least, most));

function usage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SafeTunnelError) throw new InvalidArgumentError(`${error.message}; ${error.hint}`);
    throw error;
  }
}
