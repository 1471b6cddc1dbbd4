import { inject } from "vitest";
import { Sandbox } from "./sandbox.ts";

/** Returns the sandbox that all tests share: look at it, change nothing. */
export const sharedSandbox = (): Sandbox => new Sandbox(inject("sharedProject"));

export { must, type Result, ROOT, run } from "./run.ts";
export { type OwnSandbox, type ReceivedMessage, Sandbox, type SiteName, startSandbox } from "./sandbox.ts";
