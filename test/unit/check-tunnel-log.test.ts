import { describe, expect, test } from "vitest";
import { linesOf, loggedConnections } from "../../src/check/probe/tunnel-log.ts";
import { Scratch } from "./scratch.ts";
import {
  CLOSED,
  connectionsIn,
  EXPIRED,
  from,
  good,
  KNOCK,
  logged,
  PEER,
  RESET,
  THROUGH,
  time,
} from "./tunnel-lines.ts";

describe("the log of a tunnel", () => {
  test("is read from a line that is cut, and over lines that are none", async () => {
    const cut = good[0]?.slice(40) ?? "";
    const odd = [
      "null",
      "5",
      '{"connection":"1"}',
      JSON.stringify({ connection: 1, msg: 5, time: "never" }),
      JSON.stringify({ connection: 9, msg: from(PEER), time: "never" }),
    ];
    expect(await connectionsIn([cut, ...good.slice(1), ...odd])).toEqual([]);
    const [only, ...others] = (await connectionsIn([cut, ...odd, ...good])) ?? [];
    expect([only?.lines.length, others]).toEqual([THROUGH.length + 1, []]);
  });

  test("has only its end read, where it is long", async () => {
    using scratch = new Scratch();
    const log = scratch.write("stunnel.log", `${[...good, ...logged(2, from("192.0.2.8:1"), ...KNOCK)].join("\n")}\n`);
    expect((await loggedConnections(log, 700))?.map(({ from }) => from)).toEqual(["192.0.2.8:1"]);
  });

  test("counts anew after a restart: a number is the connection that had it last", async () => {
    const found = await connectionsIn([
      ...good,
      ...logged("main", "stunnel 5.74"),
      ...logged(1, from("192.0.2.8:1"), ...EXPIRED),
    ]);
    expect(found?.map(({ from, lines }) => [from, lines.at(-1)])).toEqual([
      [PEER, CLOSED],
      ["192.0.2.8:1", RESET],
    ]);
  });

  test("mixes no connections that are open beside each other", async () => {
    const lines = [logged(1, from(PEER)), logged(2, from("192.0.2.8:1")), logged(1, CLOSED), logged(2, RESET)];
    expect((await connectionsIn(lines.flat()))?.map((one) => one.lines)).toEqual([[CLOSED], [RESET]]);
  });

  test("that is not there is no log without connections", async () => {
    expect(await loggedConnections("/nowhere/stunnel.log")).toBeUndefined();
    expect(await connectionsIn([])).toEqual([]);
  });

  const lines = [
    ...logged(1, from("127.0.0.1:40000", "mdm"), "an old one", RESET),
    ...logged(2, from("127.0.0.1:40001", "mdm"), "ours", RESET),
    ...logged(3, from("127.0.0.1:40001", "adt"), "of another service", RESET),
  ];
  test.each<[string, number | undefined, string, string[]]>([
    ["by its port and service", 40_001, time, ["ours", RESET]],
    ["as the last one, where it has no port any more", undefined, time, ["ours", RESET]],
    ["not by the port of one before it", 40_000, "2026-11-21T10:41:06.683Z", []],
    ["not at all where it is not there", 40_002, time, []],
  ])("has our own connection: %s", async (_what, localPort, since, expected) => {
    using scratch = new Scratch();
    const log = scratch.write("stunnel.log", `${lines.join("\n")}\n`);
    expect(await linesOf(log, { service: "mdm", since: new Date(since), localPort }, 0)).toEqual(expected);
  });

  test("is waited for until it says how our connection ended", async () => {
    using scratch = new Scratch();
    const begun = logged(2, from("127.0.0.1:40001", "mdm"), "ours");
    const log = scratch.write("stunnel.log", `${begun.join("\n")}\n`);
    const waiting = linesOf(log, { service: "mdm", since: new Date(time), localPort: 40_001 }, 5000);
    scratch.write("stunnel.log", `${[...begun, ...logged(2, RESET)].join("\n")}\n`);
    expect(await waiting).toEqual(["ours", RESET]);
  });
});
