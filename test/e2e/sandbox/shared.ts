import type { TestProject } from "vitest/node";
import buildImages from "./images.ts";
import { startSandbox } from "./sandbox.ts";

declare module "vitest" {
  interface ProvidedContext {
    sharedProject: string;
  }
}

/** Builds the images, and starts the one sandbox that all tests use which only look at it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await buildImages();
  const sandbox = await startSandbox({ SEND_EVERY: "2s" });
  project.provide("sharedProject", sandbox.project);
  return async () => {
    await sandbox[Symbol.asyncDispose]();
  };
}
