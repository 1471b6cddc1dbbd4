import { readFileSync } from "node:fs";
import type { TestProject } from "vitest/node";
import { buildImages, makeWatchers } from "./images.ts";
import { startSandbox } from "./sandbox.ts";

declare module "vitest" {
  interface ProvidedContext {
    sharedProject: string;
    /** Whether a single file was asked for, by a person who wants to see all of it. */
    isAlone: boolean;
  }
}

/** Builds the images, and starts the one sandbox for all tests that only look at it, where there is one. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const files = project.vitest.state.getPaths();
  project.provide("isAlone", files.length === 1);
  await Promise.all([buildImages(), makeWatchers()]);
  if (!files.some((file) => readFileSync(file, "utf8").includes("sharedSandbox()"))) return undefined;
  const sandbox = await startSandbox({ SEND_EVERY: "2s" });
  project.provide("sharedProject", sandbox.project);
  return async () => {
    await sandbox[Symbol.asyncDispose]();
  };
}
