import { expect, test } from "vitest";
import { fieldsNamed } from "./logs/fields-named.ts";
import { must, startSandbox, TAG } from "./sandbox/index.ts";

const FILES = ["docs/examples/logs/collector.yml", "test/e2e/logs/logs.yml"];

/** A message of syslog (RFC 5424) as the collector sends it: its header, and the line of the site behind it. */
interface Arrived {
  priority: number;
  time: string;
  site: string;
  part: string;
  event: string;
  line: Record<string, unknown>;
}

const ARRIVED = /^<(\d+)>1 (\S+) (\S+) mllp-safetunnel (\S+) (\S+) - (\{.*\})$/gm;

test("with severity, time, site, part, event, leg and control ID, none twice or lost when a file is full, or an end away", async () => {
  await using sandbox = await startSandbox(
    {
      HEALTH_INTERVAL: "1s",
      LOG_COLLECTOR_IMAGE: `mllp-safetunnel/log-collector:${TAG}`,
      LOG_COLLECTOR_CONF: "./docs/examples/logs/rsyslog.conf",
      COLLECTOR_HOST: "receiver",
    },
    FILES,
  );
  const arrived = async (): Promise<Arrived[]> => {
    const told = await must("docker", ["logs", `${sandbox.project}-receiver-1`]);
    return [...told.matchAll(ARRIVED)].map(([, priority, time = "", site = "", part = "", event = "", line = ""]) => ({
      priority: Number(priority),
      time,
      site,
      part,
      event,
      line: JSON.parse(line) as Record<string, unknown>,
    }));
  };
  const of = async (controlId: string) => (await arrived()).filter(({ line }) => line.controlId === controlId);

  const { controlId } = await sandbox.send("eai");
  await expect
    .poll(async () => (await of(controlId)).map(({ site, part }) => `${site} ${part}`).sort())
    .toEqual(["dpi listen", "eai send"]);
  const [sent] = (await of(controlId)).filter(({ site }) => site === "eai");
  // local0 and "information"
  expect(sent).toMatchObject({ priority: 134, event: "message-acknowledged" });
  expect(sent?.line).toMatchObject({
    event: "message-acknowledged",
    type: "MDM^T02",
    code: "AA",
    leg: "eai-to-dpi",
    time: sent?.time,
  });
  // one message, one trace, at both ends
  const traces = new Set((await of(controlId)).map(({ line }) => line.traceId));
  expect([...traces]).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
  // the examples that cannot be run here at least speak of fields that there are
  const lacking = (await fieldsNamed()).filter(({ field }) => !(field in (sent?.line ?? {})));
  expect(lacking).toEqual([]);

  // a refusal is an error, and nothing of the message is told
  const refused = await sandbox.exec("eai", ["send", "--json", "-"], {
    input: (await sandbox.shell("eai", "cat /app/eai/message.hl7")).replace("MDM^T02", "ORU^R01"),
  });
  expect(refused.code).toBe(3);
  await expect
    .poll(async () => (await arrived()).filter(({ event }) => event === "message-negative"))
    .toMatchObject([{ priority: 131, site: "eai", part: "send" }]);
  expect(JSON.stringify(await arrived())).not.toMatch(/PAT-TROIS|DOMINIQUE|279035121518989/);

  // the file is full: it becomes send.log.1 with what was written last, and a new one begins
  await sandbox.shell(
    "eai",
    `cd /data/log && echo '{"level":40,"time":"2026-01-01T00:00:00.000Z","site":"eai","part":"send","event":"link-lost","controlId":"LAST","msg":"x"}' >> send.log && mv send.log send.log.1`,
  );
  const after = await sandbox.send("eai");
  await expect.poll(async () => (await of(after.controlId)).length).toBe(2);
  expect(await of("LAST")).toMatchObject([{ priority: 132, time: "2026-01-01T00:00:00.000Z" }]);

  // the other end is away for a while, and then the collector itself
  await sandbox.mustCompose("stop", "--timeout", "0", "receiver");
  const away = await sandbox.send("eai");
  await sandbox.mustCompose("start", "receiver");
  await expect.poll(async () => (await of(away.controlId)).length, { timeout: 30_000 }).toBe(2);
  await sandbox.mustCompose("stop", "log-collector");
  const later = await sandbox.send("eai");
  await sandbox.mustCompose("start", "log-collector");
  await expect.poll(async () => (await of(later.controlId)).length, { timeout: 30_000 }).toBe(2);
  for (const known of [controlId, after.controlId, away.controlId]) expect(await of(known)).toHaveLength(2);
});
