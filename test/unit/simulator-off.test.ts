import { createServer } from "node:net";
import { expect, test, vi } from "vitest";
import { judgeRuns } from "../../src/check/own/runs.ts";
import { judgeFrom, placeFrom } from "../../src/check/place/place-from.ts";
import { placeOfFrom } from "../../src/commands/check-own.ts";
import { listenCommand } from "../../src/commands/listen.ts";
import { sendCommand } from "../../src/commands/send.ts";
import { examine } from "../../src/site/health.ts";
import { Readiness } from "../../src/watch/readiness.ts";
import { runIn } from "./command-in-process.ts";
import { accept, serve } from "./peer.ts";
import { prepareQueue } from "./queue-kit.ts";
import { Scratch } from "./scratch.ts";

/** Runs what follows as in a site whose simulator is set so; a command in process takes the environment back. */
const simulator = (word: string) => void vi.stubEnv("SIMULATOR", word);

test("a listener that is off by choice is no reason to be unhealthy, and nothing knocks at the engine's door", async () => {
  const knocked = vi.fn();
  await using engine = createServer(knocked);
  await new Promise<void>((resolve) => engine.listen(0, "127.0.0.1", resolve));
  const health = await examine({ stunnelRuns: () => true, ports: [], listenPort: undefined });
  expect(health).toEqual({ healthy: true, stunnel: true, closedPorts: [], listener: "off" });
  expect(await examine({ stunnelRuns: () => false, ports: [], listenPort: undefined })).toMatchObject({
    healthy: false,
  });
  expect(knocked).not.toHaveBeenCalled();
});

test("check passes over the listener, and says that an engine listens", () => {
  const found = judgeRuns({ healthy: true, stunnel: true, closedPorts: [], listener: "off" });
  expect(found.map(({ id, status, detail }) => [id, status, detail.en])).toEqual([
    ["site.stunnel", "pass", "the process lives"],
    ["site.ports", "pass", "both legs"],
    ["site.listener", "skip", "off by choice: an engine listens in its place"],
  ]);
});

test("where the engine takes no connection, the leg from the peer stops there", () => {
  const evidence = { service: "in", connections: [], authorities: [], ownAddresses: [], listener: "127.0.0.1:21010" };
  const off = placeFrom({ ...evidence, down: "listener", listenerOff: "SIMULATOR=off" });
  expect(off.code).toBe("application-down");
  expect(off.sentence.en).toContain("no engine behind it, on 127.0.0.1:21010, does (our own listener is off: SIM");
  expect(judgeFrom(off)).toMatchObject({ status: "fail", hint: { en: expect.stringContaining("ENGINE=host:port") } });
  expect(placeFrom({ ...evidence, down: "listener" }).sentence.en).toContain("our own listener behind it");
});

test("of several engines the one that takes a connection is enough, on a Unix socket too", async () => {
  using scratch = new Scratch();
  await using engine = await serve(accept);
  await using local = createServer();
  await new Promise<void>((resolve) => local.listen(scratch.path("engine.sock"), resolve));
  const [up, onSocket] = [
    { host: "127.0.0.1", port: engine.port },
    { host: scratch.path("engine.sock"), port: 0 },
  ];
  // nobody listens there
  const down = { host: scratch.path("no.sock"), port: 0 };
  const codeWith = async (...connect: object[]) => {
    const side = { from: { service: "in", connect }, files: {}, logPath: scratch.path("none"), listenerOff: "off" };
    const port = { link: { reached: { state: "open" } } };
    return (await placeOfFrom(side as never, undefined, port as never))?.code;
  };
  expect(await codeWith(down, down)).toBe("application-down");
  expect(await codeWith(down, up)).not.toBe("application-down");
  expect(await codeWith(onSocket)).not.toBe("application-down");
});

test("readiness does not pass for the engine's exchanges", async () => {
  const askLink = async () => ({ stands: true, words: "a connection to eai stands through the tunnel" });
  const readiness = new Readiness({ everyMs: undefined, engineSends: true, askLink, onAsked: () => {} });
  expect(await readiness.ask()).toMatchObject({
    ready: true,
    notProven: "an engine sends here, and its exchanges are not seen",
  });
});

test.each([
  ["off", "the sender of EAI is off (SIMULATOR=off): what is in the outbox stays there"],
  ["listen", "the sender of EAI is off (SIMULATOR=listen): what is in the outbox stays there"],
  ["send", ""],
])("SIMULATOR=%s: queue says whether somebody brings what waits", async (word, aside) => {
  using site = await prepareQueue();
  simulator(word);
  const { stdout, stderr } = await site.queue();
  expect(stdout).toContain("3 waiting, 2 set aside");
  if (aside === "") expect(stderr).toBe("");
  else expect(stderr).toContain(aside);
});

test("send --queue says that nobody brings it over", async () => {
  using scratch = new Scratch();
  simulator("off");
  const { code, stdout, stderr } = await runIn(scratch.folder, sendCommand(), "--queue");
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^queued .* as #1, not delivered yet/)]);
  expect(stderr).toContain("the sender of EAI is off (SIMULATOR=off)");
});

test("listen does not pretend that the engine's messages are in the journal", async () => {
  using scratch = new Scratch();
  await using engine = await serve(accept);
  for (const [word, aside] of [
    ["off", "what an engine receives is not shown here, only what was stored before"],
    ["on", ""],
  ] as const) {
    simulator(word);
    const { stderr } = await runIn(scratch.folder, listenCommand(), "--no-follow", "--port", String(engine.port));
    if (aside === "") expect(stderr).toBe("");
    else expect(stderr).toContain(aside);
  }
});
