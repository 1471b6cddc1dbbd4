import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Status } from "../../src/check/finding.ts";
import { judgeCertificates } from "../../src/check/own/certificates.ts";
import type { Served } from "../../src/check/own/served.ts";
import { same } from "../../src/languages.ts";
import { material } from "./material-made.ts";
import { leaf, now } from "./trust-kit.ts";

const site = { name: "eai" };
const { fingerprint256 } = new X509Certificate(leaf.certificate);

/** What is wrong beside the strength of the kit's keys, which are too short. */
const wrong = (at: Served | undefined) =>
  judgeCertificates(material(), site, at, now).filter(
    ({ id, status }) => status !== "pass" && id !== "certificates.strength",
  );

describe("what is served", () => {
  const own = { place: "127.0.0.1:32200", fingerprint256 };
  test.each<[string, Served | undefined, Status, string]>([
    [
      "is another certificate",
      { ...own, fingerprint256: "00" },
      "fail",
      "serves another certificate than eai.crt holds",
    ],
    ["was read before the files changed", { ...own, loaded: "old" }, "warn", "newer than what Stunnel has read"],
    ["cannot be asked", { place: "a:1", error: same("no certificate is shown on a:1") }, "skip", "is shown on a:1"],
    ["is not known", undefined, "skip", "no TLS port is known"],
  ])("%s", (_what, at, status, detail) => {
    const [finding, ...others] = wrong(at);
    expect([finding?.id, finding?.status, others]).toEqual(["certificates.served", status, []]);
    expect(finding?.detail.en).toContain(detail);
  });

  test("passes where the site does not say what it has read", () => {
    expect(wrong(own)).toEqual([]);
  });
});
