import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { startSandbox } from "./sandbox/index.ts";
import { run } from "./sandbox/run.ts";
import type { Sandbox, SiteName } from "./sandbox/sandbox.ts";

const PATIENT = /PAT-TROIS|DOMINIQUE|279035121518989|19790328|Breteuil|Réault/;

type Record_ = Record<string, unknown>;

async function recordsOf(sandbox: Sandbox, site: SiteName): Promise<Record_[]> {
  const lines = await sandbox.mustExec(site, "audit", "show", "--last", "100000", "--json");
  return lines
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record_);
}

/** Returns who a site's certificate says that it is, as the records of the other site have it. */
async function shownBy(sandbox: Sandbox, site: SiteName): Promise<{ subject: string; serial: string }> {
  const said = await sandbox.mustExec(site, "openssl", "x509", "-noout", "-serial", "-in", `/certs/${site}.crt`);
  const serial = said.trim().replace(/^serial=/, "");
  const [shown] = JSON.parse(await sandbox.mustExec(site, "certs", "show", "--json")).shown;
  expect(shown.certificates[0].serial).toBe(serial);
  return { subject: `CN=${site}, O=mllp-safetunnel sandbox, serialNumber=cert:${serial}`, serial };
}

/** Waits until a site has a record of some facts, and returns it. */
async function recordWith(sandbox: Sandbox, site: SiteName, facts: Record_): Promise<Record_> {
  let found: Record_ | undefined;
  await expect
    .poll(async () => {
      const has = (record: Record_) => Object.entries(facts).every(([name, value]) => record[name] === value);
      found = (await recordsOf(sandbox, site)).findLast(has);
      return found ?? `no record with ${JSON.stringify(facts)}`;
    })
    .toMatchObject(facts);
  return found as Record_;
}

test("by certificate, address, type, control ID and outcome, in an order that nobody changes unseen", async () => {
  await using sandbox = await startSandbox();
  const addressOf = (site: SiteName) =>
    sandbox.inspect(
      site,
      '{{range $name, $net := .NetworkSettings.Networks}}{{if eq $name "PROJECT_net_tls"}}{{$net.IPAddress}}{{end}}{{end}}'.replace(
        "PROJECT",
        sandbox.project,
      ),
    );
  const eai = await addressOf("eai");
  const fromEai = {
    leg: "eai-to-dpi",
    ...(await shownBy(sandbox, "eai")),
    address: expect.stringMatching(`^${eai}:\\d+$`),
    connection: expect.stringMatching(/^\d+$/),
  };

  // accepted, at both ends
  const { controlId } = await sandbox.send("eai");
  const imported = await recordWith(sandbox, "dpi", { event: "Import", controlId });
  expect(imported).toMatchObject({
    ...fromEai,
    eventId: "110107",
    type: "MDM^T02",
    code: "AA",
    outcome: 0,
    journalId: 1,
  });
  // by the sender of the site: what a "send" tells it, it tells as well as it can
  const queued = JSON.parse(await sandbox.mustExec("eai", "send", "--queue", "--json"));
  const exported = await recordWith(sandbox, "eai", { event: "Export", controlId: queued.controlId });
  const fromDpi = await shownBy(sandbox, "dpi");
  expect(exported).toMatchObject({ leg: "eai-to-dpi", ...fromDpi, code: "AA", outcome: 0 });
  const { controlId: back } = await sandbox.send("dpi");
  const came = await recordWith(sandbox, "eai", { event: "Import", controlId: back });
  expect(came).toMatchObject({ leg: "dpi-to-eai", ...fromDpi });
  await recordWith(sandbox, "dpi", { event: "Import", traceId: exported.traceId, journalId: 2 });
  await recordWith(sandbox, "dpi", { event: "Attach", connection: imported.connection, address: imported.address });
  await recordWith(sandbox, "dpi", { event: "Detach", connection: imported.connection, address: imported.address });

  // repeated, and refused
  const message = readFileSync("eai/message.hl7", "utf8").trimEnd().replaceAll("\n", "\r").concat("\r");
  for (const _ of [1, 2]) await sandbox.exec("eai", ["send", "--as-is", "-"], { input: message });
  expect(await recordWith(sandbox, "dpi", { repeatOf: 3 })).toMatchObject({ ...fromEai, code: "AA", outcome: 0 });
  await sandbox.exec("eai", ["send", "-"], { input: message.replace("MDM^T02", "ORU^R01") });
  expect(await recordWith(sandbox, "dpi", { type: "ORU^R01" })).toMatchObject({ ...fromEai, code: "AR", outcome: 4 });

  // renewed: a connection that stands is by the certificate that it came with, the next one by the new one
  await sandbox.mustCompose("run", "--rm", "-T", "certs", "certs", "rotate");
  for (const site of ["eai", "dpi"] as const) await sandbox.mustExec(site, "certs", "reload");
  const renewed = { eai: await shownBy(sandbox, "eai"), dpi: await shownBy(sandbox, "dpi") };
  expect([renewed.eai.serial, renewed.dpi.serial]).not.toContain(fromEai.serial);
  const { controlId: afterwards } = await sandbox.send("eai");
  expect(await recordWith(sandbox, "dpi", { event: "Import", controlId: afterwards })).toMatchObject(renewed.eai);
  const kept = JSON.parse(await sandbox.mustExec("eai", "send", "--queue", "--json"));
  expect(await recordWith(sandbox, "dpi", { event: "Import", controlId: kept.controlId })).toMatchObject(fromEai);
  expect(await recordWith(sandbox, "eai", { event: "Export", controlId: kept.controlId })).toMatchObject(fromDpi);

  // an impostor with a certificate of its own making that has the name of a real one, and somebody without one
  const name = `/${renewed.eai.subject.replaceAll(", ", "/")}`;
  const openssl = "openssl s_client -connect dpi:32100";
  const make = `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '${name}' -keyout k -out c`;
  await sandbox.shell("eai", `cd /dev/shm && ${make} 2>&1 && ${openssl} -cert c -key k < /dev/null 2>&1 || true`);
  const refused = {
    eventId: "110113",
    eventTypeId: "110126",
    event: "Node Authentication",
    outcome: 8,
    refusedBy: "here",
  };
  const posed = await recordWith(sandbox, "dpi", { cause: "self-signed" });
  expect(posed).toMatchObject({
    ...refused,
    subject: renewed.eai.subject,
    address: expect.stringContaining(`${eai}:`),
  });
  expect(posed).not.toHaveProperty("serial");
  await sandbox.shell("eai", `${openssl} < /dev/null 2>&1 || true`);
  const nobody = await recordWith(sandbox, "dpi", { cause: "no-certificate" });
  expect(nobody).toMatchObject(refused);
  expect(nobody).not.toHaveProperty("subject");

  // killed in the middle of a load: each message that is stored has one record
  const load = sandbox.exec("eai", ["send", "--count", "5000", "--connections", "4", "--summary"]);
  await expect.poll(async () => Number((await sandbox.received("dpi", 1))[0]?.id)).toBeGreaterThan(200);
  await run("docker", ["kill", `${sandbox.project}-dpi-1`]);
  expect((await load).code).toBe(1);
  await sandbox.mustCompose("start", "dpi");
  await recordWith(sandbox, "dpi", { event: "Audit Recording Started", why: "the site did not stop before" });
  await recordWith(sandbox, "dpi", { event: "Application Start" });
  const reconnected = JSON.parse(await sandbox.mustExec("eai", "send", "--queue", "--json"));
  const anew = await recordWith(sandbox, "eai", { event: "Export", controlId: reconnected.controlId, code: "AA" });
  expect(anew).toMatchObject({ leg: "eai-to-dpi", ...renewed.dpi });
  await recordWith(sandbox, "dpi", { event: "Import", controlId: reconnected.controlId });
  const numbers = (await recordsOf(sandbox, "dpi")).flatMap(({ journalId }) => (journalId ? [journalId] : []));
  const stored = (await sandbox.received("dpi", 10_000)).map(({ id }) => id);
  expect(numbers).toEqual(stored);

  // restarted
  await sandbox.mustCompose("restart", "dpi");
  await expect.poll(async () => (await recordsOf(sandbox, "dpi")).at(-1)?.event).toBe("Application Start");
  expect((await recordsOf(sandbox, "dpi")).at(-2)).toMatchObject({ event: "Application Stop", outcome: 0 });

  // revoked
  await sandbox.mustCompose("run", "--rm", "-T", "certs", "certs", "revoke", "eai");
  await sandbox.mustExec("dpi", "certs", "reload");
  await recordWith(sandbox, "dpi", { event: "Security Configuration", outcome: 0, cut: true });
  expect((await sandbox.exec("eai", ["send", "--timeout", "5"])).code).toBe(1);
  const revoked = await recordWith(sandbox, "dpi", { cause: "revoked" });
  expect(revoked).toMatchObject({ ...refused, subject: renewed.eai.subject });
  expect(revoked).not.toHaveProperty("serial");

  for (const site of ["eai", "dpi"] as const) {
    expect(await sandbox.mustExec(site, "audit", "verify")).toMatch(/: each is as it was written, none is missing;/);
    expect(await sandbox.shell(site, "cat /data/audit/*")).not.toMatch(PATIENT);
    expect(await sandbox.shell(site, "stat -c %a /data/audit /data/audit/audit.log")).toBe("700\n600\n");
  }

  // one character of it, in a copy
  const change = `cd /dev/shm && cp -r /data/audit . && sed -i 's/"controlId":"${controlId}"/"controlId":"X${controlId.slice(1)}"/' audit/audit.log`;
  const broken = await sandbox.exec("dpi", ["bash", "-c", `${change} && DATA_DIR=/dev/shm audit verify`]);
  expect([broken.code, broken.stderr]).toEqual([1, expect.stringContaining(`record ${imported.sequence} was changed`)]);
});
