import { StillClock } from "./still-clock.ts";

/** A handshake takes a dozen turns, and the shortest hold is 400 ms. */
const TURN_MS = 5;

/**
 * Does something while each turn of the event loop counts as some milliseconds: a connection is held for long in no time,
 * and what happens within this process happens before that, however busy the machine is.
 */
export async function inTurns<T>(work: () => Promise<T>): Promise<T> {
  using clock = new StillClock();
  let isDone = false;
  const result = work().finally(() => {
    isDone = true;
  });
  result.catch(() => {});
  while (!isDone) await clock.pass(TURN_MS);
  return await result;
}
