import type { Sandbox } from "../sandbox/index.ts";
import type { Expected } from "./notifications.ts";

/** One thing that breaks, what is told of it, and what ends it. */
export interface Fault {
  name: string;
  cause: (sandbox: Sandbox) => Promise<unknown>;
  tells: Expected[];
  mended: string;
  mend: (sandbox: Sandbox) => Promise<unknown>;
}

/** The faults of one sandbox; those of a group disturb each other in nothing. */
export interface Faults {
  environment: Record<string, string>;
  groups: Fault[][];
}

/** The legs, as the labels of alerts that their sending side tells. */
export const TO_DPI = { site: "eai", leg: "eai-to-dpi" };
export const TO_EAI = { site: "dpi", leg: "dpi-to-eai" };
/** What ends by itself. */
export const nothing = async () => {};
