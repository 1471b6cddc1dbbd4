import { X509Certificate } from "node:crypto";
import { rmSync } from "node:fs";
import pino from "pino";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Trust } from "../../src/commands/trust.ts";
import { SafeTunnelError } from "../../src/errors.ts";
import { readConf } from "../../src/site/stunnel-conf.ts";
import { authorityExtensions, leafExtensions, signCertificate } from "../../stunnel/certificates.ts";
import { serialOf } from "../../stunnel/crl.ts";
import { authority, daysAfter, intermediate, leaf, leafOf, listOf, now, stranger } from "./trust-kit.ts";
import { prepareTrust } from "./trust-made.ts";

let site: Awaited<ReturnType<typeof prepareTrust>>;
beforeEach(async () => {
  site = await prepareTrust();
});
afterEach(() => site[Symbol.dispose]());

const fingerprint = (pem: string) => new X509Certificate(pem).fingerprint256;
const renewed = leafOf(authority).certificate;
const takingBack = (...pems: string[]) =>
  listOf(authority, { revoked: pems.map((pem) => ({ serial: serialOf(new X509Certificate(pem)), date: now })) });

const overdue = listOf(authority, { period: { notBefore: daysAfter(-30), notAfter: daysAfter(-1) } });
const leafUntil = (days: number, unit?: string) =>
  signCertificate({
    commonName: "eai",
    ...(unit && { unit }),
    key: leaf.key,
    period: { notBefore: daysAfter(-9), notAfter: daysAfter(days) },
    extensions: leafExtensions(["eai"]),
    issuer: authority,
  });

describe("a reload", () => {
  test("of the same files says so, and cuts nothing", async () => {
    const expected = { changed: false, cut: false, fingerprint256: fingerprint(leaf.certificate), daysLeft: 396 };
    expect(await site.reload()).toEqual(expected);
    expect([site.asked, site.events()]).toEqual([["reload"], []]);
    expect(site.said[0]).toMatchObject({ event: "tunnel-reloaded", changed: false });
  });

  test("of new files has them in use, and once they are, they are the same", async () => {
    site.scratch.write("eai.crt", renewed);
    expect(await site.reload()).toMatchObject({ changed: true, cut: false, fingerprint256: fingerprint(renewed) });
    expect(await site.reload()).toMatchObject({ changed: false });
    expect(site.asked).toEqual(["reload", "reload"]);
  });

  test("takes the settings anew", async () => {
    const text = site.scratch.read("stunnel.conf");
    site.scratch.write("stunnel.conf", `${text}[b]\naccept = 2\n`);
    await site.reload();
    expect(site.stub.reload).toHaveBeenCalledWith(site.trust.conf);
    // it lies where Stunnel looks for it before Stunnel looks
    expect(site.kept).toHaveBeenLastCalledWith(site.trust.conf);
    expect(site.kept).toHaveBeenCalledBefore(site.stub.reload);
    expect([...site.trust.conf.services.keys()]).toEqual(["a", "b"]);
  });

  test("of the peer's list alone is taken, where two authorities between the root and the sites issue", async () => {
    const below = { key: leaf.key, commonName: "the peer's", issuer: authority, extensions: authorityExtensions(0) };
    const certificate = signCertificate({ ...below, period: { notBefore: daysAfter(-9), notAfter: daysAfter(9) } });
    site.scratch.write("eai.crt", leafOf(intermediate).certificate + intermediate.certificate);
    site.scratch.write("ca.crl", listOf(intermediate));
    await site.reload();
    site.scratch.write("ca.crl", listOf({ key: leaf.key, certificate }));
    expect(await site.reload()).toMatchObject({ changed: true, cut: false });
    expect(site.said.filter(({ level }) => level === 40).map(({ msg }) => msg)).toEqual([
      expect.stringMatching(/ca\.crl: has no CRL of CN=an intermediate authority/),
    ]);
  });

  test("of a list that takes back more cuts every connection, once Stunnel has the list", async () => {
    site.scratch.write("ca.crl", takingBack(renewed));
    expect(await site.reload()).toMatchObject({ changed: true, cut: true });
    expect([site.asked, site.events()]).toEqual([["reload", "restart"], ["connections-cut"]]);
    site.scratch.write("ca.crl", listOf(authority, { number: 2 }));
    expect(await site.reload()).toMatchObject({ changed: true, cut: false });
    expect(site.asked).toEqual(["reload", "restart", "reload"]);
  });
});

describe("a reload is refused, and the old files go on", () => {
  test.each<[string, string, string, string]>([
    ["with the key of another certificate", "eai.key", stranger.key, "key-mismatch"],
    ["with a certificate that is cut", "eai.crt", leaf.certificate.slice(0, 200), "invalid-certificate"],
    ["with a list that is cut", "ca.crl", listOf(authority).slice(0, 200), "invalid-certificate"],
    ["with a file that is not there", "stunnel.conf", "cert = /none\nCAfile = /none", "file-unreadable"],
    ["with a configuration that names no authority", "stunnel.conf", "cert = /none", "invalid-setting"],
  ])("%s, before Stunnel hears of it", async (_what, file, text, code) => {
    const good = site.scratch.read(file);
    const { conf } = site.trust;
    site.scratch.write(file, text);
    await expect(site.reload()).rejects.toMatchObject({ code });
    expect([site.asked, site.events()]).toEqual([[], ["reload-refused"]]);
    expect(site.said.at(-1)).toMatchObject({ code, msg: expect.stringMatching(/: Stunnel goes on with what it has$/) });
    expect(site.trust.conf).toBe(conf);
    // Stunnel would read it at its next start
    expect(site.kept.mock.calls).toEqual([[conf]]);
    site.scratch.write(file, good);
    expect(await site.reload()).toMatchObject({ changed: false });
  });

  test.each<[string, string, string, RegExp]>([
    ["a list that has expired", "ca.crl", overdue, /the CRL of .* expired on/],
    ["the list of another authority", "ca.crl", listOf(stranger), /has no CRL of/],
    ["a certificate that has ended", "eai.crt", leafUntil(-1), /ended on .*: it is refused/],
    ["an identity of the lab", "eai.crt", leafUntil(5, "FAULTY revoked"), /is marked as faulty \(revoked\)/],
  ])(
    "with %s, which the other side would refuse, unless forced or as it was before",
    async (_what, file, text, words) => {
      site.scratch.write(file, text);
      await expect(site.reload()).rejects.toMatchObject({
        code: "invalid-certificate",
        message: expect.stringMatching(words),
      });
      expect(site.asked).toEqual([]);
      expect(await site.reload(true)).toMatchObject({ changed: true });
      expect(await site.reload()).toMatchObject({ changed: false });
    },
  );

  test("where Stunnel itself refuses, without a cut, and what is new stays new", async () => {
    const refusal = new SafeTunnelError("tunnel-failed", "Stunnel did not take it", { hint: "see its log" });
    site.stub.reload.mockRejectedValueOnce(refusal);
    site.scratch.write("ca.crl", takingBack(renewed));
    await expect(site.reload()).rejects.toBe(refusal);
    expect([site.asked, site.events()]).toEqual([[], ["reload-refused"]]);
    expect(await site.reload()).toMatchObject({ changed: true, cut: true });
  });
});

test("reloads come one after the other, whatever became of the one before", async () => {
  const [begun, first] = [Promise.withResolvers<void>(), Promise.withResolvers<undefined>()];
  site.stub.reload.mockImplementationOnce(() => {
    begun.resolve();
    return first.promise;
  });
  const [failing, following] = [site.reload(), site.reload()];
  await begun.promise;
  // reads the same files, as the second reload would have by now
  for (let turn = 0; turn < 3; turn += 1) await site.trust.tell();
  expect(site.stub.reload).toHaveBeenCalledTimes(1);
  first.reject(new Error("refused"));
  await expect(failing).rejects.toThrow("refused");
  expect(await following).toMatchObject({ changed: false });
  expect(site.stub.reload).toHaveBeenCalledTimes(2);
});

describe("what is told", () => {
  const tell = async (when = now) => {
    await site.trust.tell(when);
    return site.said.map(({ level, event, path, daysLeft }) => [level, event, path?.split("/").at(-1), daysLeft]);
  };

  test("is how long everything lasts, and nothing more while all is well", async () => {
    expect(await tell()).toEqual([
      [30, "certificate", "eai.crt", 396],
      [30, "certificate", "ca.crt", 3652],
      [30, "certificate", "ca.crl", 396],
    ]);
    expect(site.said[0]?.msg).toMatch(/eai\.crt: CN=eai, .* ends on .*, 396 days left$/);
  });

  test("is louder the shorter it lasts", async () => {
    expect((await tell(daysAfter(375)))[0]).toEqual([40, "certificate", "eai.crt", 21]);
    site.said.length = 0;
    expect((await tell(daysAfter(395)))[0]).toEqual([50, "certificate", "eai.crt", 1]);
  });

  test("is what else is wrong, and that the files are newer than what Stunnel has read", async () => {
    site.scratch.write("ca.crl", takingBack(leaf.certificate));
    expect((await tell()).at(-1)).toEqual([40, "certificate-not-loaded", undefined, undefined]);
    await site.reload();
    expect(site.said.filter(({ level }) => level === 50).map(({ msg }) => msg)).toEqual([
      expect.stringContaining("eai.crt: is revoked"),
    ]);
    expect(site.events().filter((event) => event === "certificate-not-loaded")).toHaveLength(1);
  });

  test("is that Stunnel could not start again with what is on the disk", async () => {
    rmSync(site.scratch.path("eai.key"));
    expect((await tell()).at(-1)).toEqual([50, "certificate-not-loaded", undefined, undefined]);
    expect(site.said.at(-1)?.msg).toMatch(/^Stunnel could not start again: cannot read .*eai\.key/);
  });
});

test("it is told every day, until the site ends", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  try {
    using daily = await prepareTrust();
    const tell = vi.spyOn(daily.trust, "tell");
    vi.advanceTimersByTime(2 * 24 * 60 * 60 * 1000);
    await Promise.all(tell.mock.results.map(({ value }) => value));
    expect(daily.said.filter(({ path }) => path?.endsWith("eai.crt"))).toHaveLength(2);
    daily.trust[Symbol.dispose]();
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test("a site does not start with files that are not sound", async () => {
  site.scratch.write("eai.key", stranger.key);
  const load = Trust.load(() => readConf(site.scratch.path("stunnel.conf")), pino({ level: "silent" }));
  await expect(load).rejects.toMatchObject({ code: "key-mismatch" });
});
