/** What each thing took in each round, in milliseconds, by its name. */
export type Rounds = Map<string, number[]>;

/** Adds what one round took. */
export function note(rows: Rounds, what: string, ms: number): void {
  rows.set(what, [...(rows.get(what) ?? []), ms]);
}

/** Adds what an action takes, and returns what it returns. */
export async function timed<T>(rows: Rounds, what: string, action: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const result = await action();
  note(rows, what, performance.now() - startedAt);
  return result;
}
