import { expect, test } from "vitest";
import { must, type SiteName, sharedSandbox, TAG } from "./sandbox/index.ts";

test.each<[SiteName]>([["eai"], ["dpi"]])(
  "%s: its pair, two public certificates over its own key, the authority's certificate and its list, and nothing else",
  async (site) => {
    const found = await sharedSandbox().shell(site, 'cd /certs && stat -c "%n %a %U" $(ls -A)');
    expect(found.trim().split("\n")).toEqual([
      "ca.crl 644 node",
      "ca.crt 644 node",
      `${site}.crt 644 node`,
      // what "check" shows to the peer to see it refused
      `${site}.expired.crt 644 node`,
      `${site}.key 600 node`,
      `${site}.sibling.crt 644 node`,
    ]);
    const mounts = JSON.parse(await sharedSandbox().inspect(site, "{{json .Mounts}}"));
    const volume = (name: string) => `${sharedSandbox().project}_${name}_${site}`;
    const seen = mounts.map((mount: Record<string, unknown>) => [mount.Name, mount.Destination, mount.RW]);
    expect(seen.sort()).toEqual([
      [volume("certs"), "/certs", false],
      [volume("data"), "/data", true],
    ]);
    // what was received is a patient's: nobody but the site reads it
    expect(await sharedSandbox().shell(site, "stat -c %a /data/site.db")).toBe("600\n");
  },
);

test.each<[SiteName]>([["eai"], ["dpi"]])("%s runs with no right that it does not need", async (site) => {
  const sandbox = sharedSandbox();
  const status = await sandbox.shell(site, "cat /proc/self/status; touch /app/x 2>&1; touch /certs/x 2>&1; true");
  expect(status).toMatch(/^Uid:\s+1000\s/m);
  expect(status).toMatch(/^CapEff:\s+0+$/m);
  expect(status).toMatch(/^CapBnd:\s+0+$/m);
  expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
  expect(status).toMatch(/'\/app\/x': Read-only file system/);
  expect(status).toMatch(/'\/certs\/x': Read-only file system/);
  expect(await sandbox.shell(site, "cat /proc/1/comm")).toMatch(/init/);
});

test("the service that holds the authority's key has no network and no more rights than the sites", async () => {
  const template =
    "{{.HostConfig.NetworkMode}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.Config.User}}";
  expect(await sharedSandbox().inspect("certs", template)).toBe("none true [ALL] node");
});

test.each<[SiteName]>([["eai"], ["dpi"]])(
  "the image of %s holds no key, no certificate of ours and no .git, in any layer",
  async (site) => {
    const image = `mllp-safetunnel/${site}:${TAG}`;
    const listing =
      "set -e; tar -xf - -C $1; find $1 -type f | while read -r f; do tar -tf $f 2>/dev/null || true; done";
    const script = `d=$(mktemp -d); docker save ${image} | (set -- $d; ${listing}); rm -rf $d`;
    const files = (await must("bash", ["-c", script])).split("\n");
    expect(files.length).toBeGreaterThan(1000);
    expect(files).toContain(`app/${site}/stunnel.conf`);
    const ours = files.filter((file) => /^(app|pki|certs|data)\//.test(file));
    expect(
      ours.filter((file) => /(\.git(\/|$)|\.(key|crt|crl|pem|p12)$)/.test(file) && !file.includes("node_modules")),
    ).toEqual([]);
    expect(ours.filter((file) => /^(pki|certs|data)\/.*[^/]$/.test(file))).toEqual([]);
    expect(files.filter((file) => /(^|\/)\.git\//.test(file))).toEqual([]);
  },
);
