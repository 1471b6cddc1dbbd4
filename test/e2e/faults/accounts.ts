import { aligned } from "../lab/page.ts";
import type { Delivered } from "./observe.ts";

/** What a direction has carried, by its two ends. */
export interface Account {
  direction: string;
  /** The control IDs of which the sender has said that it has them in its outbox. */
  queued: string[];
  /** What the sender's outbox says of the messages that were acknowledged, in its order. */
  delivered: Delivered[];
  /** The control IDs that the listener stored, in its order. */
  stored: string[];
  /** How often the listener was sent again what it had stored. */
  repeated: number;
  longestOutageMs: number;
}

/** What an account comes to, and in words all that is wrong with it. */
interface Balance {
  sent: number;
  lost: string[];
  doubled: string[];
  wrong: string[];
}

/** Holds what was acknowledged to the sender against what the listener stored: the same, each once, in one order. */
export function balanceOf({ direction, queued, delivered, stored }: Account): Balance {
  const acknowledged = delivered.map(({ controlId }) => controlId);
  const [asked, kept] = [new Set(acknowledged), new Set(stored)];
  const numbers = new Set(delivered.map(({ id }) => id));
  const sent = Math.max(0, ...numbers);
  const gaps = Array.from({ length: sent }, (_, index) => index + 1).filter((id) => !numbers.has(id));
  const lost = acknowledged.filter((id) => !kept.has(id));
  const doubled = repeatsIn(stored);
  const inOrder = [...asked].filter((id) => kept.has(id));
  const outOfOrder = [...kept].filter((id) => asked.has(id)).filter((id, index) => id !== inOrder[index]);
  const found = {
    "not acknowledged, of the outbox": gaps.map(String),
    "queued and never acknowledged": queued.filter((id) => !asked.has(id)),
    "acknowledged, but not with AA": delivered.filter(({ code }) => code !== "AA").map(({ controlId }) => controlId),
    "acknowledged twice": repeatsIn(acknowledged),
    "acknowledged and not stored": lost,
    "stored twice": doubled,
    "stored and never acknowledged": stored.filter((id) => !asked.has(id)),
    "stored in another order": outOfOrder,
  };
  const wrong = Object.entries(found).filter(([, ids]) => ids.length > 0);
  return {
    sent,
    lost,
    doubled,
    wrong: wrong.map(([what, ids]) => `${direction}: ${ids.length} ${what}: ${some(ids)}`),
  };
}

const repeatsIn = (ids: string[]) => ids.filter((id, index) => ids.indexOf(id) < index);

const some = (ids: string[]) => ids.slice(0, 3).join(", ") + (ids.length > 3 ? ", …" : "");

const HEAD = ["direction", "sent", "acknowledged", "stored", "repeated", "lost", "doubled", "longest outage survived"];

/** Returns the closing table, a line a direction. */
export function tableOf(accounts: Account[]): string {
  const rows = accounts.map((account) => {
    const { direction, delivered, stored, repeated, longestOutageMs } = account;
    const { sent, lost, doubled } = balanceOf(account);
    const counts = [sent, delivered.length, stored.length, repeated, lost.length, doubled.length];
    return [direction, ...counts.map(String), `${(longestOutageMs / 1000).toFixed(1)} s`];
  });
  return aligned([HEAD, ...rows]);
}
