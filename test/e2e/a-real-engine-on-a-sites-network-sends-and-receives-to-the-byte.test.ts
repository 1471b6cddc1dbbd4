import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  buildEngine,
  ENGINE_IMAGE,
  engineAs,
  framed,
  movement,
  seenByEngine,
  sendFromEngine,
} from "./engine/engine.ts";
import { must, startSandbox } from "./sandbox/index.ts";

const environment = { ENGINE_IMAGE, ENGINE_RECEIVES: "simple-hl7", ENGINE_LISTENS: "0.0.0.0:21010" };
let sandbox: Awaited<ReturnType<typeof startSandbox>>;
beforeAll(async () => {
  await buildEngine();
  sandbox = await startSandbox(environment, engineAs("machine"));
});
afterAll(() => sandbox?.[Symbol.asyncDispose]());

const STUNNEL: [string, number] = ["plain.dpi", 22010];
const storedInEai = async (id: string) => (await sandbox.received("eai")).find(({ controlId }) => controlId === id);

test("what the engine sends over the network is stored in EAI as it was sent, and acknowledged as EAI wrote it", async () => {
  const message = await movement("MACHINE0001");
  const { sent, received, acknowledgment } = await sendFromEngine(sandbox, "mllp-node", STUNNEL, message);
  expect(sent).toEqual(framed(message));
  const stored = await storedInEai("MACHINE0001");
  expect(Buffer.from(stored?.payloadBase64 ?? "", "base64")).toEqual(message);
  expect(received).toEqual(framed(`${stored?.acknowledgment.join("\r")}\r`));
  expect(acknowledgment).toBe("MSA|AA|MACHINE0001");
});

test("a message whose last segment has no CR is refused, and the engine reads why", async () => {
  const message = await movement("MACHINE0002");
  const { acknowledgment = "" } = await sendFromEngine(sandbox, "node-hl7-client", STUNNEL, message);
  expect(acknowledgment).toContain("\rMSA|AE|MACHINE0002\rERR|");
  expect(acknowledgment).toContain("the last segment does not end with CR: the message may have been cut short");
  expect(await storedInEai("MACHINE0002")).toMatchObject({ code: "AE" });
});

test("what EAI sends reaches the engine as it was sent, and the engine's acknowledgment is accepted as it was written", async () => {
  const message = (await movement("MACHINE0003")).toString().replace("ADT^A01^ADT_A01", "MDM^T02^MDM_T02");
  const told = await sandbox.exec("eai", ["send", "--as-is", "--json", "-"], { input: message });
  expect(told).toMatchObject({ code: 0, stderr: "" });
  const { code, controlId, acknowledgment } = JSON.parse(told.stdout);
  expect([code, controlId]).toEqual(["AA", "MACHINE0003"]);
  const seen = await seenByEngine(sandbox);
  expect(seen.received).toEqual(framed(message));
  expect(seen.messages).toEqual([Buffer.from(message)]);
  // HL7 2.3 of its own, no MSH-17 and MSH-18, no event, no CR at the end
  expect(seen.sent).toEqual(framed(acknowledgment.join("\r")));
  expect(acknowledgment[0]).toMatch(/^MSH\|\^~\\&\|EAI\|CHU_X\|DPI\|CHU_X\|\d{14}\|\|ACK\|ACK\d{14}\|P\|2\.3$/);
  expect(acknowledgment.slice(1)).toEqual(["MSA|AA|MACHINE0003"]);
});

describe("plain text", () => {
  test("is taken on loopback and on the department's own network, and nowhere else", async () => {
    const [, place = ""] = /accept = (\S+):22010: keep/.exec(await sandbox.logs("dpi")) ?? [];
    const networks = JSON.parse(await sandbox.inspect("dpi", "{{json .NetworkSettings.Networks}}"));
    const addressOn = (network: string) => networks[`${sandbox.project}_${network}`].IPAddress;
    expect(place).toBe(addressOn("net_dpi"));
    const bound = await sandbox.shell("dpi", "cat /proc/net/tcp /proc/net/tcp6");
    const listening = bound.split("\n").flatMap((row) => {
      const [, local = "", , state] = row.trim().split(/\s+/);
      return state === "0A" && local.endsWith(":55FA") ? [local.slice(0, -5)] : [];
    });
    const hex = (address: string) =>
      address
        .split(".")
        .reduceRight((all, part) => all + Number(part).toString(16).padStart(2, "0"), "")
        .toUpperCase();
    expect(listening.sort()).toEqual(["127.0.0.1", addressOn("net_dpi")].map(hex).sort());
    // from between the sites nobody gets there
    const knock = `(exec 3<>/dev/tcp/${addressOn("net_tls")}/22010) 2>&1 || true`;
    expect(await sandbox.shell("eai", knock)).toContain("Connection refused");
  });

  test("that leaves the loopback is warned of in the log, line by line", async () => {
    const log = await sandbox.logs("dpi");
    expect(log).toContain("an engine sends to plain.dpi:22010 and listens on engine.dpi:21010");
    expect(log).toMatch(/WARN: site: plain text leaves the loopback, \[adt_to_eai\] accept = [\d.]+:22010: keep/);
    expect(log).toMatch(
      /WARN: site: plain text leaves the loopback, \[mdm_from_eai\] connect = engine\.dpi:21010: keep/,
    );
    expect(await sandbox.logs("eai")).not.toContain("plain text leaves the loopback");
  });

  test("is a warning of check, which fails nothing", async () => {
    const { code, stdout } = await sandbox.exec("dpi", ["check"]);
    expect(stdout).not.toMatch(/^fail\t/m);
    expect(stdout).toMatch(/^warn\tconfiguration\.plain-side\t.*\(PLAIN_HOST\).*\(ENGINE\)/m);
    expect(stdout).toMatch(/^warn\tprotocol\.plain-ports\.from\topen on purpose: [\d.]+:22010\t/m);
    expect(stdout).toMatch(/^pass\tconfiguration\.loaded\t\/data\/stunnel\.conf/m);
    expect(code).toBe(0);
  });
});

test("a reload keeps the plain side where it is", async () => {
  await sandbox.mustExec("dpi", "certs", "reload");
  const { acknowledgment } = await sendFromEngine(sandbox, "mllp-node", STUNNEL, await movement("MACHINE0004"));
  expect(acknowledgment).toBe("MSA|AA|MACHINE0004");
});

test("while the engine is down nothing is acknowledged, and check says where it stops", async () => {
  await sandbox.mustCompose("stop", "--timeout", "0", "engine");
  const failed = await sandbox.exec("eai", ["send", "--timeout", "5"]);
  expect([failed.code, failed.stdout]).toEqual([1, expect.not.stringContaining("acknowledged")]);
  const { code, stdout } = await sandbox.exec("dpi", ["check"]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^fail\texchange\.from\t.*no engine behind it, on engine\.dpi:21010, does/m);
});

test("a name that leads to the network between the sites, or to several, is refused", async () => {
  const networks = JSON.parse(await sandbox.inspect("dpi", "{{json .NetworkSettings.Networks}}"));
  const between = networks[`${sandbox.project}_net_tls`].IPAddress;
  const refused = async (plainHost: string, command: string) =>
    await sandbox.exec("dpi", ["env", `PLAIN_HOST=${plainHost}`, command]);
  const { code, stderr } = await refused(between, "check");
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/^error: PLAIN_HOST is .*: no plain text goes there\nhint: /),
  ]);
  const site = await refused("dpi", "site");
  expect([site.code, site.stdout]).toEqual([
    1,
    expect.stringMatching(
      /FATAL: site: PLAIN_HOST is dpi, which is .* and .*: one network alone \(hint: .*this site ends/,
    ),
  ]);
});

test("an engine on the network between the sites is refused, and check fails for it", async () => {
  const asked = async (command: string) => await sandbox.exec("dpi", ["env", "ENGINE=eai:22010", command]);
  const { code, stdout } = await asked("check");
  const words = "connect = eai:22010: messages leave in plain text on the network by which the peer is reached";
  expect([code, stdout]).toEqual([
    1,
    expect.stringMatching(new RegExp(`^fail\tconfiguration\\.plain-side\t.*${words}`, "m")),
  ]);
  const site = await asked("site");
  expect([site.code, site.stdout]).toEqual([
    1,
    expect.stringMatching(/FATAL: site: ENGINE is eai:22010, on the network by which .*: no plain text goes there/),
  ]);
});

test("one that comes there later ends the site, before long", async () => {
  await sandbox.mustCompose("start", "engine");
  const to = [`${sandbox.project}_net_tls`, `${sandbox.project}-engine-1`];
  await must("docker", ["network", "connect", "--alias", "engine.dpi", ...to]);
  await expect
    .poll(async () => await sandbox.logs("dpi"), { timeout: 60_000 })
    .toMatch(/FATAL: site: ENGINE is engine\.dpi:21010, on the network by which this site reaches its peer/);
});
