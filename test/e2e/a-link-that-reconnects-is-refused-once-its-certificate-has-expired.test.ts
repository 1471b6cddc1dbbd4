import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { confWith, OWN_CONF, type Sandbox, startSandbox } from "./sandbox/index.ts";

const LIFE_MS = 20_000;
const AFTER_MS = 4000;
const EVERY_MS = 300;

/** A program for node in "certs": gives DPI a certificate that ends soon, and says when. */
const ENDS_SOON = `
  import { readFileSync, writeFileSync } from "node:fs";
  import { leafExtensions, signCertificate } from "/app/stunnel/certificates.ts";
  const read = (path) => readFileSync(path, "utf8");
  const issuer = { certificate: read("/pki/authority/ca.crt"), key: read("/pki/authority/ca.key") };
  // certificates count whole seconds
  const end = Math.ceil((Date.now() + ${LIFE_MS}) / 1000) * 1000;
  const period = { notBefore: new Date(end - 86_400_000), notAfter: new Date(end) };
  const request = { commonName: "dpi", key: read("/pki/dpi/dpi.key"), issuer, period };
  writeFileSync("/pki/dpi/dpi.crt", signCertificate({ ...request, extensions: leafExtensions(["dpi"]) }));
  process.stdout.write(String(end));`;

interface Attempt {
  begunAt: number;
  endedAt: number;
  accepted: boolean;
}

/** Sends over new connections, one after another, until some time after DPI's certificate has expired. */
async function attemptsOver(sandbox: Sandbox) {
  const run = ["run", "--rm", "-T", "certs", "node", "--input-type=module", "-"];
  const { stdout } = await sandbox.compose(run, { input: ENDS_SOON });
  const end = Number(stdout);
  await sandbox.mustExec("dpi", "certs", "reload", "--expect-change");
  const attempts: Record<"eai" | "dpi", Attempt[]> = { eai: [], dpi: [] };
  const sendOn = async (site: "eai" | "dpi") => {
    while (Date.now() < end + AFTER_MS) {
      const begunAt = Date.now();
      const { code } = await sandbox.exec(site, ["send", "--timeout", "5"]);
      attempts[site].push({ begunAt, endedAt: Date.now(), accepted: code === 0 });
      // each starts a program, and other tests run beside
      await pause(EVERY_MS);
    }
  };
  await Promise.all([sendOn("eai"), sendOn("dpi")]);
  const whileValid = (site: "eai" | "dpi") => attempts[site].filter(({ endedAt }) => endedAt < end);
  const onceExpired = (site: "eai" | "dpi") => attempts[site].filter(({ begunAt }) => begunAt > end + 1000);
  return { whileValid, onceExpired };
}

const verdicts = (attempts: Attempt[]) => [...new Set(attempts.map(({ accepted }) => accepted))];

describe.concurrent("DPI's certificate ends while both sites reconnect for each message", () => {
  test("on both legs: no new connection outlives it", async () => {
    await using sandbox = await startSandbox();
    const { whileValid, onceExpired } = await attemptsOver(sandbox);
    for (const site of ["eai", "dpi"] as const)
      expect([site, verdicts(whileValid(site)), verdicts(onceExpired(site))]).toEqual([site, [true], [false]]);
    const words = /WARN: stunnel: CERT: Pre-verification error: certificate has expired/g;
    const refusals = (await sandbox.logs("eai")).match(words)?.length;
    expect(refusals).toBeGreaterThanOrEqual(onceExpired("eai").length + onceExpired("dpi").length);
  });

  test("with sessionResume = yes instead, a resumed session is not checked and goes on", async () => {
    await using conf = await confWith((text) => text.replace("sessionResume = no", "sessionResume = yes"));
    await using sandbox = await startSandbox(conf.environment, [OWN_CONF]);
    const { whileValid, onceExpired } = await attemptsOver(sandbox);
    expect(verdicts(whileValid("eai"))).toEqual([true]);
    expect(verdicts(onceExpired("eai"))).toEqual([true]);
  });
});
