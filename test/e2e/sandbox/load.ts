import { expect } from "vitest";
import { follow } from "./follow.ts";
import type { Sandbox, SiteName } from "./sandbox.ts";

/** Messages that flow in both directions over kept connections, for as long as the scope lasts. */
export interface Load extends Disposable {
  /** Waits until so many more have been acknowledged in each direction; a failed one fails the test. */
  flows(messages?: number): Promise<void>;
  /** How many connections the senders have opened so far, by what each site's Stunnel says. */
  connections(): Promise<number[]>;
}

const CONNECTIONS = 3;

/** Starts senders in both sites, and waits until their messages are acknowledged. */
export async function startLoad(sandbox: Sandbox): Promise<Load> {
  const args = ["--count", "1000000", "--connections", String(CONNECTIONS), "--interval", "25ms", "--json"];
  const sites: SiteName[] = ["eai", "dpi"];
  const senders = sites.map((site) => follow(sandbox, site, ["send", ...args]));
  const acknowledged = () => {
    for (const sender of senders) {
      expect(sender.printed()).not.toMatch(/"error":/);
      expect(sender.printedAside()).toBe("");
    }
    return senders.map((sender) => sender.printed().split('"code":"AA"').length - 1);
  };
  const load: Load = {
    async flows(messages = 20) {
      const before = acknowledged();
      const more = () => acknowledged().map((count, index) => count - (before[index] ?? 0));
      await expect.poll(() => Math.min(...more()), { timeout: 30_000 }).toBeGreaterThanOrEqual(messages);
    },
    connections: () =>
      Promise.all(
        sites.map(
          async (site) => (await sandbox.logs(site)).split(/Service \[\w+_to_\w+\] accepted connection/).length - 1,
        ),
      ),
    [Symbol.dispose]: () => {
      for (const sender of senders) sender[Symbol.dispose]();
    },
  };
  await load.flows();
  return load;
}
