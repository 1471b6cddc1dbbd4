import { stripVTControlCharacters } from "node:util";
import type { Reporter, SerializedError, TestModule } from "vitest/node";

/** CI keeps the end of what was printed: the failures are to fit into it, whatever a message quotes. */
const FAILURES_SHOWN = 6;
const MESSAGE_LENGTH = 1000;
const QUICK_MS = 1000;

/** Ends what a run prints with the time of each file, and behind it, last of all, with what has failed. */
export class AtTheEnd implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    process.stdout.write(`${[...timesOf(modules), ...failuresOf(modules, unhandled)].join("\n")}\n`);
  }
}

function timesOf(modules: readonly TestModule[]): string[] {
  const times = modules.map((module) => ({ name: module.relativeModuleId, ms: durationMsOf(module) }));
  const slow = times.filter(({ ms }) => ms >= QUICK_MS).toSorted((one, other) => other.ms - one.ms);
  const quick = times.filter(({ ms }) => ms < QUICK_MS);
  const line = (ms: number, what: string) => `${(ms / 1000).toFixed(1).padStart(6)} s  ${what}`;
  const rest = `${quick.length} files of less than ${QUICK_MS / 1000} s each`;
  const sum = quick.reduce((all, { ms }) => all + ms, 0);
  return [
    "Time by file",
    ...slow.map(({ name, ms }) => line(ms, name)),
    ...(quick.length > 0 ? [line(sum, rest)] : []),
  ];
}

/** What a file waited for its modules counts as well: it is a part of what a person waits. */
function durationMsOf(module: TestModule): number {
  const { duration, collectDuration, setupDuration } = module.diagnostic();
  return duration + collectDuration + setupDuration;
}

/** Returns what has failed, in few lines each; vitest has printed it in full above. */
function failuresOf(modules: readonly TestModule[], unhandled: readonly SerializedError[]): string[] {
  const failures = modules.flatMap((module) => [
    ...module.errors().map((error) => sayFailure(module.relativeModuleId, error)),
    ...[...module.children.allSuites()].flatMap((suite) =>
      suite.errors().map((error) => sayFailure(`${module.relativeModuleId} > ${suite.fullName}`, error)),
    ),
    ...[...module.children.allTests("failed")].flatMap((test) =>
      (test.result().errors ?? []).map((error) => sayFailure(`${module.relativeModuleId} > ${test.fullName}`, error)),
    ),
  ]);
  failures.push(...unhandled.map((error) => sayFailure("outside of every test", error)));
  if (failures.length === 0) return [];
  const more = failures.length - FAILURES_SHOWN;
  return [
    `\n${failures.length} failed:`,
    ...failures.slice(0, FAILURES_SHOWN),
    ...(more > 0 ? [`and ${more} more, which stand above`] : []),
  ];
}

function sayFailure(where: string, { message, diff, stacks }: SerializedError): string {
  const [place] = (stacks as { file: string; line: number }[] | undefined) ?? [];
  const at = place ? ` (${place.file}:${place.line})` : "";
  const said = stripVTControlCharacters([message, diff].filter(Boolean).join("\n"));
  const half = MESSAGE_LENGTH / 2;
  const short = said.length > MESSAGE_LENGTH ? `${said.slice(0, half)} […] ${said.slice(-half)}` : said;
  return `× ${where}${at}\n${short.replace(/^/gm, "    ")}`;
}
