import { beforeAll, describe, expect, test } from "vitest";
import { readOwnMessage, stamp } from "../../src/commands/source.ts";
import { frame } from "../../src/mllp/frame.ts";
import { type Attempt, attempt } from "./protocol/attempt.ts";
import { clientHello } from "./protocol/hello.ts";
import { StunnelLog } from "./protocol/stunnel-log.ts";
import { type SiteName, startSandbox } from "./sandbox/index.ts";

/** Who should send to whom. */
const LEGS: [SiteName, SiteName][] = [
  ["eai", "dpi"],
  ["dpi", "eai"],
];

/** What a client says, made of a framed message and a ClientHello; why Stunnel ends it; and when. */
type Case = [string, (message: Buffer, hello: Buffer) => Buffer, RegExp, "at once" | "after TIMEOUTbusy"];

const SILENCE = /^ssl_start: s_poll_wait: TIMEOUTbusy exceeded: sending reset$/;
const CASES: Case[] = [
  ["plain MLLP", (message) => message, /SSL routines::wrong version number$/, "at once"],
  ["HTTP", () => Buffer.from("GET / HTTP/1.1\r\nHost: site\r\n\r\n"), /SSL routines::http request$/, "at once"],
  ["junk", () => Buffer.alloc(1000, 0xa5), /SSL routines::wrong version number$/, "at once"],
  ["plain MLLP behind a ClientHello", (...both) => Buffer.concat(both.reverse()), /::bad record type$/, "at once"],
  ["nothing", () => Buffer.alloc(0), SILENCE, "after TIMEOUTbusy"],
  ["a part of a ClientHello", (_, hello) => hello.subarray(0, 100), SILENCE, "after TIMEOUTbusy"],
  ["a ClientHello and then nothing", (_, hello) => hello, SILENCE, "after TIMEOUTbusy"],
];
// on a busy machine too, what is at once comes before what waits for TIMEOUTbusy, 10 s
const BOUNDS_MS = { "at once": [0, 9000], "after TIMEOUTbusy": [9900, 30_000] } as const;

let sandbox: Awaited<ReturnType<typeof startSandbox>>;
let logs: Record<SiteName, StunnelLog>;
beforeAll(async () => {
  sandbox = await startSandbox({ HEALTH_INTERVAL: "1s" });
  return () => sandbox[Symbol.asyncDispose]();
});

const attempts = new Map<string, Attempt>();
const refused: string[] = [];

// all of them first, so that those which have to time out do so beside each other
beforeAll(async () => {
  logs = { eai: new StunnelLog(sandbox, "eai"), dpi: new StunnelLog(sandbox, "dpi") };
  const hello = await clientHello();
  const attemptAll = async ([sender, receiver]: [SiteName, SiteName]) => {
    const port = await sandbox.tlsPort(receiver);
    for (const [name, bytesOf] of CASES) {
      const message = stamp(await readOwnMessage(sender));
      refused.push(message.controlId);
      const bytes = bytesOf(frame(message.payload), hello);
      attempts.set(`${name} to ${receiver}`, await attempt(port, logs[receiver], bytes));
    }
  };
  await Promise.all(LEGS.map(attemptAll));
});

function attemptOf(name: string, receiver: SiteName): Attempt {
  const made = attempts.get(`${name} to ${receiver}`);
  if (!made) throw new Error(`nobody has said ${name} to ${receiver}`);
  return made;
}

test("while they last, messages both ways are acknowledged on new connections", async () => {
  const sent = await Promise.all([sandbox.send("eai"), sandbox.send("dpi")]);
  expect(sent.map(({ code }) => code)).toEqual(["AA", "AA"]);
  for (const [, receiver] of LEGS)
    expect(attemptOf("a ClientHello and then nothing", receiver).lastedMs()).toBeUndefined();
});

describe.each(LEGS)("instead of %s, to %s", (_, receiver) => {
  test.each(CASES)("%s", async (name, _, words, when) => {
    const { connection, answer, lastedMs } = attemptOf(name, receiver);
    const [least, most] = BOUNDS_MS[when];
    await expect.poll(lastedMs, { timeout: most }).toBeGreaterThan(least);
    expect(lastedMs()).toBeLessThan(most);
    const told = () => logs[receiver].of(connection);
    const ended = /^Connection reset(\/closed)?: 0 byte\(s\) sent to TLS, 0 byte\(s\) sent to socket$/;
    await expect.poll(() => told().lines.at(-1), { timeout: 10_000 }).toMatch(ended);
    expect(told().warnings.at(-1)).toMatch(words);
    // the listener was not even connected to
    expect(told().lines.join("\n")).not.toMatch(/s_connect|connected remote server/);
    expect(answer()).not.toContain("MSA|");
  });
});

test.each(LEGS)("afterwards as well, from %s to %s, and nothing else is stored", async (sender, receiver) => {
  const { code, controlId } = await sandbox.send(sender);
  expect(code).toBe("AA");
  const stored = (await sandbox.received(receiver)).map((entry) => entry.controlId);
  expect(stored).toContain(controlId);
  expect(refused.filter((id) => stored.includes(id))).toEqual([]);
  expect(await sandbox.inspect(receiver, "{{.RestartCount}} {{.State.Health.Status}}")).toBe("0 healthy");
});
