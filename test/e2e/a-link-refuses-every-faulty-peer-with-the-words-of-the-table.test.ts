import { expect, test } from "vitest";
import { CASES, CASES_AT_THE_END, CASES_WITH_EXPIRED_CRL, type Case, type Outcome } from "./lab/cases.ts";
import { Lab, type Seen } from "./lab/observe.ts";
import { pageOf } from "./lab/page.ts";
import { impostorOf, type Sandbox, showTable, startSandbox } from "./sandbox/index.ts";

/** What should be seen of a case: nobody is acknowledged, and not one byte arrives, but where it is accepted. */
function expectedOf({ name, version, asClient, asServer }: Case): Seen[] {
  const versions = version ? [version] : ["1.2", "1.3"];
  const rows = (as: Seen["as"], outcome: Outcome | undefined) =>
    outcome === undefined
      ? []
      : (["eai", "dpi"] as const).flatMap((site) =>
          versions.map((version): Seen => {
            const accepted = outcome === "accepted";
            const bytes = accepted ? expect.any(Number) : 0;
            return { name, as, site, version, outcome, sender: accepted ? "AA" : "cut", bytes };
          }),
        );
  return [...rows("client", asClient), ...rows("server", asServer)];
}

/** Makes both sites read their files, the expired CRL as well. */
async function reload(sandbox: Sandbox): Promise<void> {
  await Promise.all([
    sandbox.mustExec("eai", "certs", "reload", "--force"),
    sandbox.mustExec("dpi", "certs", "reload", "--force"),
  ]);
}

const inCerts = (sandbox: Sandbox, line: string) =>
  sandbox.mustCompose("run", "--rm", "-T", "certs", "bash", "-c", line);

test("as client and as server, at both sites, in TLS 1.2 and 1.3", { timeout: 400_000 }, async () => {
  await using sandbox = await startSandbox({ LOG_FORMAT: "json", LOG_LEVEL: "debug" }, impostorOf("lab"));
  await inCerts(sandbox, "gen-certs --lab");
  await reload(sandbox);
  using lab = await Lab.in(sandbox);
  const seen: Seen[] = [];
  for (const one of CASES) seen.push(...(await lab.try(one)));

  await inCerts(sandbox, "for site in eai dpi; do cp /pki/lab/expired-crl/ca.faulty.crl /pki/$site/ca.crl; done");
  await reload(sandbox);
  const words = /ERROR.*the CRL of CN=mllp-safetunnel sandbox CA, .* expired on \d{4}-\d\d-\d\d: every certificate/;
  for (const site of ["eai", "dpi"] as const)
    expect((await sandbox.logs(site)).replaceAll('"level":50', "ERROR")).toMatch(words);
  for (const one of CASES_WITH_EXPIRED_CRL) seen.push(...(await lab.try(one)));

  await inCerts(sandbox, "gen-certs");
  await reload(sandbox);
  for (const one of CASES_AT_THE_END) seen.push(...(await lab.try(one)));

  await showTable("faulty-peers.txt", pageOf(seen));
  const all = [...CASES, ...CASES_WITH_EXPIRED_CRL, ...CASES_AT_THE_END];
  expect(seen).toHaveLength(all.flatMap(expectedOf).length);
  for (const one of all) for (const row of expectedOf(one)) expect(seen).toContainEqual(row);
  for (const { outcome, bytes } of seen) expect(bytes > 0).toBe(outcome === "accepted");
});
