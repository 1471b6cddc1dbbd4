import { expect, test } from "vitest";
import { isTelling, tellAfterwards, tellWaiting, timeToTellMs, writeAfterTelling } from "../../src/log/afterwards.ts";
import { keptLog } from "./kept-log.ts";
import { StillClock } from "./still-clock.ts";

test("what happened is told of a moment later, by itself, in its order", async () => {
  const told: number[] = [];
  for (const number of [1, 2, 3]) tellAfterwards(() => void told.push(number));
  expect(told).toEqual([]);
  await expect.poll(() => told).toEqual([1, 2, 3]);
});

test("what is told of later has the time at which it happened", async () => {
  let toldAtMs = 0;
  const happenedAtMs = Date.now();
  tellAfterwards(() => {
    toldAtMs = timeToTellMs();
  });
  await expect.poll(Date.now, { interval: 1 }).toBeGreaterThan(happenedAtMs + 2);
  const beforeMs = Date.now();
  tellWaiting();
  expect([toldAtMs >= happenedAtMs, toldAtMs < beforeMs]).toEqual([true, true]);
});

test("a line that is written at once comes behind those of what happened before it", () => {
  const { log, events } = keptLog("info");
  tellAfterwards(() => log.info({ event: "message-accepted" }, "first"));
  tellAfterwards(() => log.info({ event: "message-repeated" }, "second"));
  log.info({ event: "stunnel" }, "third");
  expect(events()).toEqual(["message-accepted", "message-repeated", "stunnel"]);
});

test("what fails to be told keeps nothing else from being told, nor its time", () => {
  const told: number[] = [];
  tellAfterwards(() => {
    throw new Error("no room");
  });
  tellAfterwards(() => void told.push(timeToTellMs()));
  expect(tellWaiting).toThrow("no room");
  const beforeMs = Date.now();
  tellWaiting();
  expect(told).toHaveLength(1);
  expect(timeToTellMs()).toBeGreaterThanOrEqual(beforeMs);
});

test("who collects what is told writes it once behind all of it, until it forgets that", () => {
  const seen: string[] = [];
  const forget = writeAfterTelling(() => void seen.push("written"));
  tellAfterwards(() => void seen.push(`first, ${isTelling()}`));
  tellAfterwards(() => void seen.push(`second, ${isTelling()}`));
  tellWaiting();
  forget();
  tellAfterwards(() => void seen.push("third"));
  tellWaiting();
  expect([seen, isTelling()]).toEqual([["first, true", "second, true", "written", "third"], false]);
});

test("where many wait they are told of without the whole pause, however many more come", async () => {
  using clock = new StillClock();
  const told: number[] = [];
  for (let number = 1; number <= 64; number += 1) tellAfterwards(() => void told.push(number));
  expect(told).toEqual([]);
  for (let number = 65; number <= 100; number += 1) tellAfterwards(() => void told.push(number));
  await clock.pass(1);
  expect(told).toHaveLength(100);
});
