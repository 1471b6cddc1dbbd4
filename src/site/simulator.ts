/** Which roles of an engine a site plays itself, by the setting SIMULATOR. */
export interface Simulator {
  /** Whether its sender runs: the send loop, and what brings the outbox over. */
  sends: boolean;
  /** Whether its listener runs. */
  listens: boolean;
  /** The setting as it is written, for whoever is told why something does not run. */
  word: string;
}

/** Returns the roles that a word of SIMULATOR stands for. */
export const simulatorOf = (word: "on" | "off" | "send" | "listen"): Simulator => ({
  sends: word === "on" || word === "send",
  listens: word === "on" || word === "listen",
  word: `SIMULATOR=${word}`,
});
