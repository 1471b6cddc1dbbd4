import { inject } from "vitest";
import { Sandbox } from "./sandbox.ts";

/** Returns the sandbox that all tests share: look at it, change nothing. */
export const sharedSandbox = (): Sandbox => new Sandbox(inject("sharedProject"));

export { copyProject } from "./copy.ts";
export { follow, followLog } from "./follow.ts";
export { bytesWaitOn, KILL_STUNNEL, PLAIN_PORT, signalSite } from "./inside.ts";
export { startLoad } from "./load.ts";
export { confWith, OWN_CONF } from "./own-conf.ts";
export { must, ROOT, run, TAG } from "./run.ts";
export { DPI_WITHOUT_LISTENER, impostorOf, Sandbox, type SiteName, startSandbox } from "./sandbox.ts";
export { showTable } from "./show-table.ts";
export { ask, counted, scrape } from "./watched.ts";
