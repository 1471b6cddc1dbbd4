import { createPrivateKey } from "node:crypto";
import { statSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import {
  authorityExtensions,
  createAuthority,
  type Pair,
  periodFrom,
  signCertificate,
} from "../../stunnel/certificates.ts";
import { createCrl, readCrls, serialOf } from "../../stunnel/crl.ts";
import { commonNameOf, isIssuedBy, keyKindOf, namesOf, readCertificates, usagesOf } from "../../stunnel/inspect.ts";
import { FAULTS, type Fault, faultOf } from "../../stunnel/lab.ts";
import { labPaths } from "../../stunnel/lab-files.ts";
import { findPairs } from "../../stunnel/pair-files.ts";
import { daysLater, Sandbox } from "./gen-certs-sandbox.ts";
import { keys, lab } from "./lab-made.ts";
import { opensslVerdicts } from "./trust-kit.ts";

const faults = Object.keys(FAULTS) as Fault[];
const sandbox = new Sandbox(lab);
afterAll(() => sandbox[Symbol.dispose]());

const fileOf = (fault: Fault, site: string) => `lab/${fault}/${site}.faulty.crt`;
const certificateOf = (fault: Fault, site = "eai") => sandbox.certificate(fileOf(fault, site));
const now = daysLater(0);

describe("an identity of the lab cannot be mistaken for a site's", () => {
  test.each(faults)("%s is marked in its subject, and lies under a name that no site looks for", (fault) => {
    for (const site of ["eai", "dpi"]) {
      const certificate = certificateOf(fault, site);
      expect(certificate.subject).toContain(`OU=FAULTY ${fault}`);
      expect(faultOf(certificate)).toBe(fault);
      expect(commonNameOf(certificate)).toBe(fault === "sibling" ? "ris" : site);
      expect(statSync(labPaths(sandbox.folder, fault, site).key).mode & 0o777).toBe(0o600);
    }
  });

  test("nothing else is in the folder, which is no site's", async () => {
    const files = Object.keys(sandbox.snapshot()).filter((file) => file.startsWith("lab/"));
    for (const file of files) expect(file).toMatch(/\/(?:(?:eai|dpi)\.faulty\.(?:crt|key)|ca\.faulty\.crl)$/);
    expect(files).toHaveLength(faults.length * 4 + 1);
    expect((await findPairs(sandbox.folder)).sort()).toEqual(["dpi", "eai"]);
    expect(faultOf(sandbox.certificate("eai/eai.crt"))).toBeUndefined();
  });
});

function verdicts(site: string, options: string[], of = faults): Record<string, string> {
  const files = of.map((fault) => fileOf(fault, site));
  const common = ["-CAfile", `${site}/ca.crt`, "-attime", String(now.getTime() / 1000), "-verify_hostname", site];
  const said = opensslVerdicts(sandbox.folder, files, "-x509_strict", ...common, ...options);
  return Object.fromEntries(of.map((fault) => [fault, said[fileOf(fault, site)] ?? ""]));
}

const withList = (...options: string[]) => ["-crl_check_all", "-CRLfile", "authority/ca.crl", ...options];
const sound = Object.fromEntries(faults.map((fault) => [fault, "OK"]));
const noIssuer = "unable to get local issuer certificate";
const refused = {
  "untrusted-root": noIssuer,
  "self-signed": "self-signed certificate",
  expired: "certificate has expired",
  "not-yet-valid": "certificate is not yet valid",
  "wrong-host": "hostname mismatch",
  sibling: "hostname mismatch",
  "incomplete-chain": noIssuer,
  "missing-crl": noIssuer,
};

describe("openssl finds the fault", () => {
  test.each([
    ["eai", "sslserver", "wrong-usage-client-only"],
    ["dpi", "sslserver", "wrong-usage-client-only"],
    ["eai", "sslclient", "wrong-usage-server-only"],
    ["dpi", "sslclient", "wrong-usage-server-only"],
  ])("of %s as %s", (site, purpose, unsuitable) => {
    const expected = { ...sound, ...refused, [unsuitable]: "unsuitable certificate purpose" };
    expect(verdicts(site, ["-purpose", purpose])).toEqual(expected);
  });

  test("where it takes a list to see it", () => {
    const of = ["revoked", "expired-crl", "missing-crl"] satisfies Fault[];
    expect(verdicts("eai", withList("-untrusted", fileOf("missing-crl", "eai")), of)).toEqual({
      revoked: "certificate revoked",
      "expired-crl": "OK",
      "missing-crl": "unable to get certificate CRL",
    });
    const overdue = verdicts("eai", ["-crl_check", "-CRLfile", "lab/expired-crl/ca.faulty.crl"], ["expired-crl"]);
    expect(overdue).toEqual({ "expired-crl": "CRL has expired" });
  });
});

/** An authority of the lab, made again from its key, since its certificate is kept nowhere. */
function authorityAgain(fault: Fault, issuer?: Pair): Pair {
  const [commonName = "", unit = ""] = certificateOf(fault)
    .issuer.split("\n")
    .map((part) => part.slice(3));
  expect(unit).toBe(issuer ? "FAULTY intermediate" : "FAULTY root");
  const key = keys.authority;
  const period = periodFrom(now, 10);
  const extensions = authorityExtensions(0);
  return {
    key,
    certificate: signCertificate({ commonName, unit, key, period, extensions, ...(issuer && { issuer }) }),
  };
}

describe("that fault is the only one", () => {
  const at = (days: number) => ["-attime", String(daysLater(days).getTime() / 1000)];
  const list = (issuer: Pair, days = 0) =>
    createCrl({ issuer, revoked: [], number: 1, period: periodFrom(daysLater(days), 10) });
  const ours = () => ({ certificate: sandbox.read("authority/ca.crt"), key: sandbox.read("authority/ca.key") });
  const believing = (issuer: Pair, crl: string) => {
    sandbox.write("believed.crt", issuer.certificate);
    sandbox.write("believed.crl", crl);
    return ["-CAfile", "believed.crt", "-crl_check_all", "-CRLfile", "believed.crl"];
  };

  test.each<[Fault, () => string[]]>([
    ["self-signed", () => ["-CAfile", fileOf("self-signed", "eai")]],
    [
      "expired",
      () => {
        const { key } = ours();
        const before = { key, certificate: createAuthority(key, daysLater(-9)) };
        return [...believing(before, list(before, -9)), ...at(-2)];
      },
    ],
    ["not-yet-valid", () => withList(...at(370))],
    ["wrong-host", () => withList("-verify_hostname", "eai.wrong-host.example")],
    ["sibling", () => withList("-verify_hostname", "ris")],
    [
      "untrusted-root",
      () => {
        const root = authorityAgain("untrusted-root");
        return believing(root, list(root));
      },
    ],
    [
      "incomplete-chain",
      () => {
        const between = authorityAgain("incomplete-chain", ours());
        const sent = ["-untrusted", sandbox.write("between.crt", between.certificate)];
        return [...believing(ours(), list(between) + list(ours())), ...sent];
      },
    ],
    [
      "missing-crl",
      () => {
        const [, certificate = ""] = sandbox.read(fileOf("missing-crl", "eai")).split(/(?=-----BEGIN)/);
        const lists = list({ certificate, key: keys.authority }) + list(ours());
        return [...believing(ours(), lists), "-untrusted", fileOf("missing-crl", "eai")];
      },
    ],
  ])("%s passes once it is taken away", (fault, remedy) => {
    expect(verdicts("eai", ["-purpose", "sslserver", ...remedy()], [fault])).toEqual({ [fault]: "OK" });
  });

  test("a name, a version, a key: each is what it should be but in one identity", () => {
    const nameless = faults.filter((fault) => namesOf(certificateOf(fault)).length === 0);
    expect(nameless).toEqual(["no-san", "x509-v1"]);
    const without = faults.filter((fault) => usagesOf(certificateOf(fault)).extended.length === 0);
    expect(without).toEqual(["x509-v1"]);
    const own = createPrivateKey(keys.leaf);
    const others = faults.filter((fault) => !certificateOf(fault).checkPrivateKey(own));
    expect([others, keyKindOf(certificateOf("weak-key"))]).toEqual([["weak-key"], "RSA 1024"]);
  });
});

test("each key is its identity's, and what is sent behind one is its issuer alone", () => {
  for (const fault of faults) {
    const [first, ...behind] = readCertificates(sandbox.read(fileOf(fault, "eai")), fault, "");
    expect(first.checkPrivateKey(createPrivateKey(sandbox.read(`lab/${fault}/eai.faulty.key`)))).toBe(true);
    expect(behind.map((issuer) => isIssuedBy(first, issuer))).toEqual(fault === "missing-crl" ? [true] : []);
  }
});

test("every site knows what is taken back, for either site", () => {
  const revoked = ["eai", "dpi"].map((site) => serialOf(certificateOf("revoked", site)));
  for (const site of ["authority", "eai", "dpi"]) {
    const crls = readCrls(sandbox.read(`${site}/ca.crl`), site);
    expect(crls.map((crl) => crl.revoked.map(({ serial }) => serial))).toEqual([revoked]);
  }
});
