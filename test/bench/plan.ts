import { NAMES } from "./messages.ts";

/** What can be measured. */
export const PARTS = ["exchanges", "processes", "memory", "growth", "watching"] as const;
export type Part = (typeof PARTS)[number];

/** How much is measured. */
export interface Plan {
  rounds: number;
  /** How long one measurement is to take, by the speed of a first round that does not count. */
  eachMs: number;
  connections: number[];
  /** Names of messages. */
  messages: string[];
  /** How many messages a journal keeps while exchanges are measured: the disk has to hold so many of 1 MB. */
  journalKeep: number;
  /** How many messages with a process each make a round. */
  processes: number;
  /** Whether memory and growth are measured in sites that have seen nothing before. */
  ownSites: boolean;
  memory: { name: string; kind: "steady" | "burst"; message: string; count: number; connections: number }[];
  /** The lengths of the journal at which one connection is measured, and with how many messages. */
  rows: number[];
  /** Over how many connections what is watched is held against what is not. */
  watching: number[];
  amount: { count: number; warmUp: number };
}

export const FULL: Plan = {
  rounds: 7,
  eachMs: 600,
  connections: [1, 4, 16],
  messages: NAMES,
  journalKeep: 1000,
  processes: 10,
  ownSites: true,
  memory: [
    { name: "10,000 of 200 KB on 4 connections", kind: "steady", message: "MDM 200 KB", count: 10_000, connections: 4 },
    { name: "64 connections of 1 MB at once", kind: "burst", message: "MDM 1 MB", count: 1280, connections: 64 },
  ],
  rows: [1000, 10_000, 100_000, 1_000_000],
  watching: [1, 16],
  amount: { count: 3000, warmUp: 1000 },
};

export const SMOKE: Plan = {
  rounds: 1,
  eachMs: 20,
  connections: [4],
  messages: ["ADT 1 KB", "MDM 200 KB"],
  journalKeep: 1000,
  processes: 1,
  ownSites: false,
  memory: [{ name: "20 of 200 KB", kind: "steady", message: "MDM 200 KB", count: 20, connections: 4 }],
  rows: [300, 600],
  watching: [1],
  amount: { count: 20, warmUp: 5 },
};
