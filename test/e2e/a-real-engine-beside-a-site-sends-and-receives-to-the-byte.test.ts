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
import { ask, counted, scrape, startSandbox } from "./sandbox/index.ts";

// the sender of these does not end the last segment with CR, as real ones do
const environment = { ENGINE_IMAGE, FINAL_CR: "optional", HEALTH_INTERVAL: "1s" };
let sandbox: Awaited<ReturnType<typeof startSandbox>>;
beforeAll(async () => {
  await buildEngine();
  sandbox = await startSandbox(environment, engineAs("sidecar"));
});
afterAll(() => sandbox?.[Symbol.asyncDispose]());

const STUNNEL: [string, number] = ["127.0.0.1", 22010];

test("what the engine sends is stored in EAI as it was sent, and EAI's acknowledgment comes back as it was written", async () => {
  const message = await movement("ENGINE0001");
  const { sent, received, acknowledgment } = await sendFromEngine(sandbox, "node-hl7-client", STUNNEL, message);
  // this library cuts white space off, and the last CR with it
  const payload = message.subarray(0, -1);
  expect(sent).toEqual(framed(payload));
  const [stored] = (await sandbox.received("eai")).filter(({ controlId }) => controlId === "ENGINE0001");
  expect(Buffer.from(stored?.payloadBase64 ?? "", "base64")).toEqual(payload);
  expect(stored).toMatchObject({ code: "AA", type: "ADT^A01" });
  const written = `${stored?.acknowledgment.join("\r")}\r`;
  expect(received).toEqual(framed(written));
  expect(acknowledgment).toBe(written.trim());
  expect(written).toMatch(/\rMSA\|AA\|ENGINE0001\r$/);
});

test("what EAI sends reaches the engine as it was sent, and the engine's acknowledgment is accepted as it was written", async () => {
  const sentBefore = await seenByEngine(sandbox);
  const message = `${(await movement("X")).toString().replace("ADT^A01^ADT_A01", "MDM^T02^MDM_T02")}`;
  const told = await sandbox.exec("eai", ["send", "--as-is", "--json", "-"], { input: message });
  expect(told).toMatchObject({ code: 0, stderr: "" });
  const { code, controlId, acknowledgment } = JSON.parse(told.stdout);
  expect([code, controlId]).toEqual(["AA", "X"]);
  const seen = await seenByEngine(sandbox);
  expect(seen.received.subarray(sentBefore.received.length)).toEqual(framed(message));
  expect(seen.messages.at(-1)).toEqual(Buffer.from(message));
  // it answers with the header of the message itself, type and control ID included, and no CR at the end
  const written = seen.sent.subarray(sentBefore.sent.length);
  expect(written).toEqual(framed(acknowledgment.join("\r")));
  expect(acknowledgment).toEqual([expect.stringContaining("|MDM^T02^MDM_T02|X|T|"), "MSA|AA|X"]);
});

describe("the site behind the engine", () => {
  test("runs, and is healthy without a listener of its own", async () => {
    await expect.poll(() => sandbox.inspect("dpi", "{{.State.Health.Status}}")).toBe("healthy");
    expect(await ask(sandbox, "dpi", "/healthz")).toEqual({
      status: 200,
      body: expect.stringContaining('"listener":"off"'),
    });
    expect(await sandbox.logs("dpi")).toContain(
      "simulator off (SIMULATOR=off): an engine sends to 127.0.0.1:22010 and listens on 127.0.0.1:21010",
    );
  });

  test("says on /readyz what it knows, and what it does not", async () => {
    const { status, body } = await ask(sandbox, "dpi", "/readyz");
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({
      verdict: "a connection to eai stands through the tunnel",
      notProven: "an engine sends here, and its exchanges are not seen",
    });
  });

  test("counts the tunnel's connections, and shows nothing of the roles that it does not play", async () => {
    const metrics = await scrape(sandbox, "dpi");
    expect(counted(metrics, "stunnel_connections_total")).not.toEqual({});
    expect(metrics).toContain('mllp_simulator_runs{role="send"} 0\nmllp_simulator_runs{role="listen"} 0\n');
    expect(metrics).toContain('mllp_send_interval_seconds{leg="dpi-to-eai"} 0\n');
    expect(metrics).not.toMatch(/^mllp_(?:exchanges|messages_received|connections_open|link_up|last_\w+)\S*\{/m);
  });

  test("keeps the audit of who connected", async () => {
    const events = await sandbox.mustExec("dpi", "audit", "show", "--last", "50");
    expect(events).toMatch(/CN=eai/);
  });

  test("answers check on both legs", async () => {
    const { code, stdout } = await sandbox.exec("dpi", ["check"]);
    expect(stdout).not.toMatch(/^fail\t/m);
    expect(stdout).toMatch(/^skip\tsite\.listener\toff by choice/m);
    expect(stdout).toMatch(/^pass\tprotocol\.plain-ports\.from\t/m);
    expect(code).toBe(0);
  });
});

test("while the engine is down nothing is acknowledged, the site runs on, and check says where it stops", async () => {
  await sandbox.mustCompose("stop", "--timeout", "0", "engine");
  const failed = await sandbox.exec("eai", ["send", "--timeout", "5"]);
  expect([failed.code, failed.stdout]).toEqual([1, expect.not.stringContaining("acknowledged")]);
  expect(failed.stderr).toMatch(/^error: no acknowledgment of MDM\^T02 /);
  expect((await ask(sandbox, "dpi", "/healthz")).status).toBe(200);
  const { code, stdout } = await sandbox.exec("dpi", ["check"]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^fail\texchange\.from\t.*no engine behind it, on 127\.0\.0\.1:21010, does.*SIMULATOR=off/m);

  await sandbox.mustCompose("start", "engine");
  await expect.poll(async () => (await sandbox.exec("eai", ["send", "--timeout", "2"])).code).toBe(0);
});

test("an engine that listens on every address stands open between the sites, and check fails for it", async () => {
  const env = { ENGINE_RECEIVES: "simple-hl7", ENGINE_LISTENS: "0.0.0.0:21010" };
  expect(await sandbox.compose(["up", "--detach", "--no-deps", "engine"], { env })).toMatchObject({ code: 0 });
  const words = /^fail\tprotocol\.plain-ports\.from\topen: .*:21010/m;
  await expect.poll(async () => (await sandbox.exec("dpi", ["check"])).stdout, { timeout: 30_000 }).toMatch(words);
});
