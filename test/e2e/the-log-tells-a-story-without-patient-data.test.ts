import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { sharedSandbox, startSandbox } from "./sandbox/index.ts";

const PATIENT = /PAT-TROIS|DOMINIQUE|279035121518989|19790328|Breteuil|Réault/;

test("in words, one line an event, with type, control ID, code and milliseconds", async () => {
  const sandbox = sharedSandbox();
  const { controlId } = await sandbox.send("eai");
  const told = await sandbox.logs("dpi");
  const line = `\\] INFO: listen: received MDM\\^T02 ${controlId}, 9040 bytes: stored, AA after \\d+ ms$`;
  expect(told).toMatch(new RegExp(line, "m"));
  expect(told).toMatch(/\] INFO: send: sent ADT\^A01 \S+, 1143 bytes: acknowledged AA in \d+ ms$/m);
  expect(told).toMatch(/\] INFO: stunnel: Configuration successful$/m);
});

test("and the files of each part hold it as JSON, Stunnel's own lines to the last", async () => {
  const sandbox = sharedSandbox();
  const { controlId } = await sandbox.send("eai");
  const sent = JSON.parse(await sandbox.shell("eai", `grep ${controlId} /data/log/send.log`));
  expect(sent).toMatchObject({ event: "message-acknowledged", type: "MDM^T02", code: "AA", sizeBytes: 9040 });
  const received = JSON.parse(await sandbox.shell("dpi", `grep ${controlId} /data/log/listen.log`));
  expect(received).toMatchObject({ event: "message-accepted", site: "dpi", part: "listen" });
  expect(await sandbox.shell("eai", "cat /data/log/stunnel.log")).toMatch(/TLSv1\.3 ciphersuite/);
});

test("with LOG_FORMAT=json every line of the container is JSON, and a good link has no warning and no error", async () => {
  await using sandbox = await startSandbox({ LOG_FORMAT: "json", SEND_EVERY: "500ms" });
  await expect.poll(() => sandbox.logs("eai"), { timeout: 10_000 }).toContain("message-acknowledged");
  const lines = (await sandbox.logs("eai"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  for (const line of lines)
    expect(line).toMatchObject({ site: "eai", part: expect.any(String), event: expect.any(String) });
  const up = lines.findIndex(({ event }) => event === "message-acknowledged");
  // pino's level 30 is info; before, the other site may not have been there yet
  expect(lines.slice(up).filter(({ level }) => level > 30)).toEqual([]);
});

test("nothing of a patient in any log, though the messages are full of it", async () => {
  const sandbox = sharedSandbox();
  await sandbox.send("eai");
  // refused, and quoting the patient in the places that a log could take from
  const input = readFileSync("eai/message.hl7", "utf8").replace("MDM^T02", "ORU^R01");
  expect((await sandbox.exec("eai", ["send", "-"], { input })).code).toBe(3);
  await sandbox.send("eai");
  expect(Buffer.from((await sandbox.received("dpi", 1))[0]?.payloadBase64 ?? "", "base64").toString()).toMatch(PATIENT);
  for (const site of ["eai", "dpi"] as const) {
    expect(await sandbox.logs(site)).not.toMatch(PATIENT);
    expect(await sandbox.shell(site, "cat /data/log/*")).not.toMatch(PATIENT);
  }
});
