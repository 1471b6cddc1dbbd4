import { beforeAll, describe, expect, test, vi } from "vitest";
import { readOwnMessage, stamp } from "../../src/commands/source.ts";
import { writeAcknowledgment } from "../../src/hl7/write-acknowledgment.ts";
import { frame } from "../../src/mllp/frame.ts";
import { recordsOf, serverHello } from "./protocol/hello.ts";
import type { Behaviour } from "./protocol/impostor.ts";
import { Impostor } from "./protocol/impostor-control.ts";
import { StunnelLog } from "./protocol/stunnel-log.ts";
import { impostorOf, type SiteName, startSandbox } from "./sandbox/index.ts";

/** Who sends, and whom it takes the impostor for. */
const LEGS: [SiteName, SiteName][] = [
  ["eai", "dpi"],
  ["dpi", "eai"],
];
const TLS_PORT = { eai: 32200, dpi: 32100 } as const;

/** What a server does, made of an acknowledgment and a ServerHello; why Stunnel gives it up; and when. */
type Case = [string, (acknowledgment: Buffer, hello: Buffer) => Behaviour, RegExp, keyof typeof BOUNDS_MS];

// on a busy machine too, what is at once comes before what waits for TIMEOUTbusy, 10 s
const BOUNDS_MS = { "at once": [-1, 9000], "after TIMEOUTbusy": [9900, 30_000] } as const;

type Talk = Extract<Behaviour, { says: string }>;
const says = (bytes: Buffer | string, ending: Talk["ending"], when: Talk["when"] = "spoken-to"): Talk => ({
  says: Buffer.from(bytes).toString("base64"),
  when,
  ending,
});
const NO_TLS = /SSL routines::wrong version number$/;
const SILENCE = /^ssl_start: s_poll_wait: TIMEOUTbusy exceeded: sending reset$/;
const CASES: Case[] = [
  ["acknowledges in plain MLLP", (acknowledgment) => says(acknowledgment, "waits"), NO_TLS, "at once"],
  ["answers in HTTP", () => says("HTTP/1.1 400 Bad Request\r\n\r\n", "hangs-up"), NO_TLS, "at once"],
  ["speaks junk before it is spoken to", () => says(Buffer.alloc(1000, 0xa5), "waits", "connected"), NO_TLS, "at once"],
  ["hangs up", () => says("", "hangs-up", "connected"), /SSL routines::unexpected eof while reading$/, "at once"],
  ["has the ServerHello of another", (_, hello) => says(hello, "waits"), /::invalid session id$/, "at once"],
  ["stops within its ServerHello", (_, hello) => says(hello.subarray(0, 60), "waits"), SILENCE, "after TIMEOUTbusy"],
  ["is silent", () => says("", "waits"), SILENCE, "after TIMEOUTbusy"],
];

let sandbox: Awaited<ReturnType<typeof startSandbox>>;
let impostor: Impostor;
let logs: Record<SiteName, StunnelLog>;
beforeAll(async () => {
  sandbox = await startSandbox({ HEALTH_INTERVAL: "1s" }, impostorOf("protocol"));
  return () => sandbox[Symbol.asyncDispose]();
});

/** Sends a message of a site to the impostor, and returns what the impostor saw of it and how "send" will end. */
async function sendToImpostor(
  sender: SiteName,
  behaviourFor: (acknowledgment: Buffer) => Behaviour,
  ...args: string[]
) {
  const message = stamp(await readOwnMessage(sender));
  const acknowledgment = writeAcknowledgment({ application: "IMPOSTOR", facility: "" }, message);
  await impostor.behave(sender, behaviourFor(frame(acknowledgment)));
  const known = (await impostor.visits(sender)).length;
  const sent = sandbox.exec(sender, ["send", "--as-is", ...args, "-"], { input: message.payload });
  const visit = async () => (await impostor.visits(sender))[known] ?? Promise.reject(new Error("nobody came"));
  const { fromPort } = await vi.waitFor(visit, { timeout: 15_000 });
  const heard = async () => Buffer.from((await visit()).heard, "base64");
  return { controlId: message.controlId, fromPort, heard, sent };
}

const attempts = new Map<string, Awaited<ReturnType<typeof sendToImpostor>>>();

// all of them first, so that those which have to time out do so beside each other
beforeAll(async () => {
  impostor = await Impostor.of(sandbox);
  logs = { eai: new StunnelLog(sandbox, "eai"), dpi: new StunnelLog(sandbox, "dpi") };
  const attemptAll = async ([sender]: [SiteName, SiteName]) => {
    const hello = await serverHello(await sandbox.tlsPort(sender));
    for (const [name, behaviourOf] of CASES) {
      const behaviourFor = (acknowledgment: Buffer) => behaviourOf(acknowledgment, hello);
      attempts.set(`${name} to ${sender}`, await sendToImpostor(sender, behaviourFor, "--timeout", "20s"));
    }
  };
  await Promise.all(LEGS.map(attemptAll));
});

/** The content types of TLS records, as far as they are seen here. */
const [ALERT, HANDSHAKE, DATA] = [21, 22, 23];
const CLIENT_HELLO = 1;

describe.each(LEGS)("%s, for which it is %s", (sender, peer) => {
  test("reaches its peer through an impostor that passes on what it cannot read", async () => {
    const behaviour = { passesOnTo: { host: `the-real-${peer}`, port: TLS_PORT[peer] } };
    const { sent, heard, controlId } = await sendToImpostor(sender, () => behaviour);
    expect((await sent).stdout).toContain(`acknowledged  AA for ${controlId} in `);
    expect(recordsOf(await heard()).map(([type]) => type)).toContain(DATA);
    expect((await heard()).toString("latin1")).not.toContain("MSH");
  });

  test("would be deceived by it, were there no Stunnel between them", async () => {
    const place = ["--host", peer, "--port", String(TLS_PORT[peer])];
    const { sent, heard, controlId } = await sendToImpostor(sender, (bytes) => says(bytes, "waits"), ...place);
    expect((await sent).stdout).toContain(`acknowledged  AA for ${controlId} in `);
    expect((await heard()).toString("latin1")).toContain("MSH");
  });

  test.each(CASES)("fails when it %s", async (name, _, words, when) => {
    const made = attempts.get(`${name} to ${sender}`);
    if (!made) throw new Error(`nothing was sent to one that ${name}`);
    const { code, stdout, stderr } = await made.sent;
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^sending .*\n$/)]);
    expect(stderr).toMatch(
      /^error: no acknowledgment of .+ was reset by the other side .+\nhint: the tunnel was refused /,
    );

    const connected = new RegExp(`connected remote server from .*:${made.fromPort}$`);
    const told = () => logs[sender].of(logs[sender].connectionsWith(connected)[0] ?? "");
    const ended = /^Connection (closed\/)?reset: 0 byte\(s\) sent to TLS, 0 byte\(s\) sent to socket$/;
    await expect.poll(() => told().lines.at(-1), { timeout: 10_000 }).toMatch(ended);
    expect(told().warnings.at(-1)).toMatch(words);
    expect(told().lastedMs).toBeGreaterThan(BOUNDS_MS[when][0]);
    expect(told().lastedMs).toBeLessThan(BOUNDS_MS[when][1]);

    const [hello, ...others] = recordsOf(await made.heard());
    expect([hello?.[0], hello?.[5]]).toEqual([HANDSHAKE, CLIENT_HELLO]);
    expect(others.filter(([type]) => type !== ALERT)).toEqual([]);
    expect((await made.heard()).toString("latin1")).not.toContain("MSH");
  });

  test("waits for it no longer than its own limit, where that is shorter", async () => {
    const { sent } = await sendToImpostor(sender, () => says("", "waits"), "--timeout", "1s");
    expect(await sent).toMatchObject({ code: 1, stderr: expect.stringMatching(/ within 1000 ms\nhint: .+\n$/) });
  });

  test("runs on, and its peer has stored what was passed on and nothing else", async () => {
    const stored = (await sandbox.received(peer)).map((entry) => entry.controlId);
    expect(stored).toHaveLength(1);
    for (const [name, { controlId }] of attempts) expect(stored, name).not.toContain(controlId);
    expect(await sandbox.inspect(sender, "{{.RestartCount}} {{.State.Health.Status}}")).toBe("0 healthy");
  });
});
