import { syncBuiltinESMExports } from "node:module";
import { mock } from "node:test";
import { setImmediate as turn } from "node:timers/promises";

/** Holds every pause of the product until a test lets its time pass. */
export class StillClock implements Disposable {
  constructor() {
    mock.timers.enable({ apis: ["setTimeout"] });
    syncBuiltinESMExports();
  }

  async pass(ms: number): Promise<void> {
    mock.timers.tick(ms);
    await turn();
  }

  [Symbol.dispose](): void {
    mock.timers.reset();
    syncBuiltinESMExports();
  }
}
