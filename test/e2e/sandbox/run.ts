import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

export interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  env?: Record<string, string>;
  input?: string | Uint8Array;
  cwd?: string;
}

export const ROOT = new URL("../../..", import.meta.url).pathname;

/** The tag of the images under test, whatever .env says; two checkouts on one machine need TEST_TAG to tell them apart. */
export const TAG = process.env.TEST_TAG ?? "test";

/** Runs a program to its end and returns all that a user would see of it. */
export async function run(program: string, args: string[], options: RunOptions = {}): Promise<Result> {
  const { input, env = {}, cwd = ROOT } = options;
  const child = spawn(program, args, { cwd, env: { ...process.env, TAG, ...env } });
  const ended = Promise.withResolvers<number>();
  child.once("error", ended.reject);
  child.once("close", (code) => ended.resolve(code ?? -1));
  child.stdin.on("error", () => {}).end(input);
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended.promise]);
  return { code, stdout, stderr };
}

/** Runs a program that has to succeed. */
export async function must(program: string, args: string[], options?: RunOptions): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, options);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}\n${stdout}\n${stderr}`);
  return stdout;
}
