import { expect, test } from "vitest";
import { CASES } from "./lab/cases.ts";
import { Lab } from "./lab/observe.ts";
import { confWith, impostorOf, OWN_CONF, startSandbox } from "./sandbox/index.ts";

const WITHOUT = /^(checkHost|CRLfile) = .*$/gm;

test("on both legs of both sites: the two lines are what the table stands on", async () => {
  await using conf = await confWith((text) => text.replaceAll(WITHOUT, ""));
  const environment = { LOG_FORMAT: "json", LOG_LEVEL: "debug", ...conf.environment };
  await using sandbox = await startSandbox(environment, [...impostorOf("lab"), OWN_CONF]);
  await sandbox.mustCompose("run", "--rm", "-T", "certs", "gen-certs", "--lab");
  using lab = await Lab.in(sandbox);
  for (const name of ["other-site", "sibling", "wrong-host", "revoked", "missing-crl"]) {
    const one = CASES.find((each) => each.name === name);
    if (!one) throw new Error(`${name} is no case`);
    for (const { as, site, sender } of await lab.try({ ...one, version: "1.3" }))
      expect([name, as, site, sender]).toEqual([name, as, site, "AA"]);
  }
  const [untrusted] = CASES.filter(({ name }) => name === "untrusted-root");
  if (untrusted) for (const { sender } of await lab.try(untrusted)) expect(sender).toBe("cut");
  expect(await sandbox.logs("eai")).toMatch(/no CRLfile is set: revoked peers are accepted/);
});
