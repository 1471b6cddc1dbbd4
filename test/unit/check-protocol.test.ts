import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { describe, expect, test } from "vitest";
import { judgeOwnPlainPorts, judgePlainPortsOfPeer, judgeProtocol } from "../../src/check/peer/protocol.ts";
import { holdOpen } from "../../src/check/probe/hold-open.ts";
import type { Link } from "../../src/check/probe/link.ts";
import type { Reached } from "../../src/check/probe/reach.ts";
import { stunnelRuns } from "../../src/site/stunnel-process.ts";
import { inTurns } from "./in-turns.ts";
import {
  alerts,
  all,
  type Behaviour,
  closes,
  isSilent,
  reached,
  resets,
  serve,
  serveTls,
  statuses,
  takes,
  talks,
  targetOf,
} from "./tls-kit.ts";

const ownNetwork = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ internal, family }) => !internal && family === "IPv4")?.address;
const baseline = { end: "open", words: "", handshakeMs: 1, version: "TLSv1.3", suite: "x" } as const;
const OLD = { minVersion: "TLSv1", ciphers: "ALL:@SECLEVEL=0" } as const;

describe("a TLS port", () => {
  const asked = async (link: Link, side: "to" | "from" = "to") =>
    Object.values(statuses(await inTurns(() => all(judgeProtocol(link, side)))));
  const after = async (...behaviours: Behaviour[]) => {
    await using port = await serve(...behaviours);
    return await asked({ target: targetOf(port), reached, baseline });
  };

  test("that takes TLS 1.0 and 1.1 fails, and one that refuses them passes", async () => {
    await using old = await serveTls(OLD);
    await using modern = await serveTls();
    for (const side of ["to", "from"] as const) {
      expect(await asked({ target: targetOf(old), reached, baseline }, side)).toEqual(["fail", "fail", "pass"]);
      expect(await asked({ target: targetOf(modern), reached, baseline }, side)).toEqual(["pass", "pass", "pass"]);
    }
  });

  test.each<[string, Behaviour[], string[]]>([
    ["refuses by an alert", [alerts(70)], ["pass", "pass", "pass"]],
    ["refuses by its end", [closes, resets, closes], ["pass", "pass", "pass"]],
    ["answers plain text", [alerts(70), alerts(70), talks], ["pass", "pass", "fail"]],
    ["listens to plain text", [alerts(70), alerts(70), isSilent], ["pass", "pass", "fail"]],
    ["speaks no TLS any more", [talks], ["skip", "skip", "fail"]],
  ])("that %s", async (_what, behaviours, expected) => {
    expect(await after(...behaviours)).toEqual(expected);
  });

  test("that has gone, or was never reached, has refused nothing", async () => {
    await using port = await serve(takes);
    await port[Symbol.asyncDispose]();
    const target = targetOf(port);
    expect(await asked({ target, reached, baseline })).toEqual(["skip", "skip", "skip"]);
    expect(await asked({ target, reached: { state: "port-closed", addresses: [], reason: "" } })).toEqual([
      "skip",
      "skip",
      "skip",
    ]);
    await using frozen = await serve(isSilent);
    const silent = { end: "silent", words: "", handshakeMs: 0 } as const;
    expect(await asked({ target: targetOf(frozen), reached, baseline: silent, lives: false })).toEqual([
      "skip",
      "skip",
      "skip",
    ]);
  });
});

describe("plain ports", () => {
  const peer = async (ports: number[], state: Reached = reached) =>
    await judgePlainPortsOfPeer(
      { target: targetOf({ endpoint: { host: "127.0.0.1", port: 1 } }), reached: state },
      ports,
    );

  test("of a peer that answer fail, and those that do not pass", async () => {
    await using open = await serve(isSilent);
    await using closed = await serve(isSilent);
    await closed[Symbol.asyncDispose]();
    const [answers, silent] = [open.endpoint.port, closed.endpoint.port];
    expect(await peer([silent, answers])).toMatchObject({
      status: "fail",
      detail: { en: `open: 127.0.0.1:${answers}` },
    });
    expect(await peer([silent])).toMatchObject({
      status: "pass",
      detail: { fr: `rien ne répond sur 127.0.0.1:${silent}` },
    });
    expect(await peer([silent], { state: "port-closed", addresses: [], reason: "" })).toMatchObject({ status: "pass" });
  });

  test("that nobody knows, or of a host that is not there, are not judged", async () => {
    expect(await peer([])).toMatchObject({ status: "skip", hint: { en: expect.stringContaining("--plain-port") } });
    for (const state of ["packets-dropped", "name-not-resolved"] as const)
      expect(await peer([1], { state, addresses: [], reason: "" } as Reached)).toMatchObject({ status: "skip" });
  });

  test.skipIf(
    !Object.values(networkInterfaces())
      .flat()
      .some((one) => one && !one.internal),
  )("of our own on loopback pass", async () => {
    await using open = await serve(isSilent);
    expect(await judgeOwnPlainPorts([open.endpoint.port])).toMatchObject({
      id: "protocol.plain-ports.from",
      status: "pass",
    });
  });
});

describe.skipIf(!ownNetwork)("a plain port of our own on a network", () => {
  test("fails, unless a setting of the site has put it there", async () => {
    const listen = async () => {
      const server = createServer().listen(0, ownNetwork);
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      return { port, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
    };
    await using meant = await listen();
    await using other = await listen();
    const onPurpose = [{ host: ownNetwork ?? "", port: meant.port }];
    const accept = { status: "fail", hint: { en: "bind the plain side to 127.0.0.1 (accept = 127.0.0.1:port)" } };
    expect(await judgeOwnPlainPorts([meant.port])).toMatchObject(accept);
    expect(await judgeOwnPlainPorts([meant.port, other.port], [], onPurpose)).toMatchObject(accept);
    expect(await judgeOwnPlainPorts([meant.port], [other.port])).toMatchObject(accept);
    // no line of stunnel.conf would help where it is the engine that listens everywhere
    expect(await judgeOwnPlainPorts([meant.port], [other.port], onPurpose)).toMatchObject({
      status: "fail",
      hint: {
        en: expect.stringContaining("the engine, listen on 127.0.0.1 alone"),
        fr: expect.stringContaining("le moteur"),
      },
    });
    expect(await judgeOwnPlainPorts([meant.port], [], onPurpose)).toMatchObject({
      status: "warn",
      detail: { en: `open on purpose: ${ownNetwork}:${meant.port}` },
    });
  });
});

describe("our own Stunnel's plain port", () => {
  test.each<[string, Behaviour]>([
    ["open", isSilent],
    ["end", (socket) => void socket.end()],
    ["reset", (socket) => void socket.resetAndDestroy()],
  ])("is %s", async (end, behaviour) => {
    await using port = await serve(behaviour);
    const near = { endpoint: port.endpoint, service: "mdm", logPath: "/nowhere/stunnel.log" };
    expect(await inTurns(() => holdOpen(near, 1000, 0))).toEqual({ end, lines: [] });
  });

  test("is refused where nobody listens", async () => {
    await using port = await serve(isSilent);
    await port[Symbol.asyncDispose]();
    const near = { endpoint: port.endpoint, service: "mdm", logPath: "" };
    expect(await holdOpen(near, 1000)).toEqual({ end: "refused", lines: [] });
  });
});

test("whether a Stunnel runs here is what the kernel's list of processes says", () => {
  expect(typeof stunnelRuns()).toBe("boolean");
});
