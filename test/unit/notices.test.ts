import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { leafExtensions, type Pair, periodFrom } from "../../stunnel/certificates.ts";
import { readCrls, serialOf } from "../../stunnel/crl.ts";
import { lifetimesOf } from "../../stunnel/lifetimes.ts";
import { type Notice, noticesOf } from "../../stunnel/notices.ts";
import { type Given, material, signed } from "./material-made.ts";
import { authority, daysAfter, intermediate, leaf, leafOf, listOf, now, stranger } from "./trust-kit.ts";

const usage = (usages: object) => {
  const others = leafExtensions(["eai"]).filter((one) => Reflect.get(one, "name") !== "extKeyUsage");
  return signed({ extensions: [...others, { name: "extKeyUsage", ...usages }] });
};

const said = (notices: Notice[]) => notices.map(({ level, path, text }) => `${level} ${path} ${text.en}`);

describe("how long something is good", () => {
  const ends = (days: number) => daysAfter(397 - days);
  const levels = (given: Given, when: Date) => lifetimesOf(material(given), when).map(({ level }) => level);

  test.each([
    [31, "info"],
    [30, "info"],
    [29, "warn"],
    [7, "warn"],
    [6, "error"],
    [0, "error"],
  ])("with %i days left its level is %s", (days, level) => {
    const [own, ca, crl] = lifetimesOf(material(), new Date(ends(days).getTime() - 10 * 60 * 1000));
    expect([own, crl]).toMatchObject([
      {
        level,
        path: "eai.crt",
        daysLeft: days,
        subject: expect.stringMatching(/^CN=eai, O=mllp-safetunnel sandbox, /),
      },
      { level, path: "ca.crl", daysLeft: days, subject: "CN=mllp-safetunnel sandbox CA, O=mllp-safetunnel sandbox" },
    ]);
    expect(own?.text.en).toMatch(new RegExp(`^CN=eai, .+ ends on \\d{4}-\\d\\d-\\d\\d, ${days} days left$`));
    expect(ca).toMatchObject({ level: "info", path: "ca.crt" });
  });

  test.each([
    [0, "0 days left", "encore 0 jour"],
    [1, "1 day left", "encore 1 jour"],
    [2, "2 days left", "encore 2 jours"],
  ])("with %i days left it says so as one counts", (days, en, fr) => {
    const [own] = lifetimesOf(material(), new Date(ends(days).getTime() - 10 * 60 * 1000));
    expect([own?.text.en.split(", ").at(-1), own?.text.fr.split(", ").at(-1)]).toEqual([en, fr]);
  });

  test("and once it has ended it is refused, the CRL by its own name", () => {
    const [own, , crl] = lifetimesOf(material(), daysAfter(400));
    expect(own).toMatchObject({
      level: "error",
      daysLeft: -4,
      text: { en: expect.stringMatching(/^CN=eai.* ended on .*refused/) },
    });
    expect(crl).toMatchObject({ level: "error", daysLeft: -4 });
    expect(crl?.text.en).toMatch(
      /^the CRL of CN=mllp-safetunnel sandbox CA.* expired on .*reads "certificate expired"$/,
    );
  });

  test("and before it begins it is refused as well, a certificate and a CRL", () => {
    const [own, ca, crl] = lifetimesOf(material(), daysAfter(-2));
    expect([own, ca]).toMatchObject([
      { level: "error", path: "eai.crt", text: { en: expect.stringContaining("is valid only from") } },
      { level: "error", path: "ca.crt", text: { en: expect.stringContaining("is valid only from") } },
    ]);
    expect(crl).toMatchObject({ level: "error", path: "ca.crl" });
    expect(crl?.text.en).toMatch(/^the CRL of .* is valid only from \d{4}-\d\d-\d\d: .*reads "bad certificate"$/);
  });

  test.each([
    [20, "info"],
    [21, "warn"],
    [27, "warn"],
    [28, "error"],
  ])("a CRL of 30 days is judged by its third and its tenth: after %i days its level is %s", (day, level) => {
    const crls = listOf(authority, { period: periodFrom(now, 30) });
    expect(levels({ crls }, new Date(daysAfter(day).getTime() - 10 * 60 * 1000)).at(-1)).toBe(level);
  });

  test("a CRL that promises no next one is good", () => {
    const [crl] = readCrls(listOf(authority), "ca.crl");
    const endless = { ...material(), crls: crl ? [{ ...crl, nextUpdate: undefined }] : [] };
    expect(lifetimesOf(endless, daysAfter(9999)).at(-1)).toMatchObject({ level: "info", ends: undefined });
  });

  test("each certificate of a chain is told, in the order own, authorities, CRLs", () => {
    const chain = leafOf(intermediate).certificate + intermediate.certificate;
    const crls = listOf(authority) + listOf(intermediate);
    expect(lifetimesOf(material({ own: chain, crls }), now).map(({ path }) => path)).toEqual([
      ...["eai.crt", "eai.crt", "ca.crt"],
      ...["ca.crl", "ca.crl"],
    ]);
  });
});

describe("nothing is said of", () => {
  test.each<[string, Given]>([
    ["a pair, its authority and the list", {}],
    ["a list that takes others back", { crls: listOf(authority, { revoked: [{ serial: "0A", date: now }] }) }],
    ["a certificate that says nothing of its use", { own: signed({ extensions: [] }) }],
    [
      "a chain whose every authority has a list",
      {
        own: leafOf(intermediate).certificate + intermediate.certificate,
        crls: listOf(intermediate) + listOf(authority),
      },
    ],
    [
      "an authority that is about to follow, with its list",
      { authorities: authority.certificate + stranger.certificate, crls: listOf(authority) + listOf(stranger) },
    ],
  ])("%s", (_what, given) => {
    expect(said(noticesOf(material(given)))).toEqual([]);
  });
});

describe("it is said", () => {
  const serial = serialOf(new X509Certificate(leaf.certificate));
  const list = (of: Pair) => listOf(of);
  test.each<[string, Given, string[]]>([
    [
      "that the intermediate certificate is missing",
      { own: leafOf(intermediate).certificate },
      ["warn eai.crt does not lead to an authority of ca.crt: an intermediate certificate is missing behind it"],
    ],
    [
      "that another authority issued it",
      { own: leafOf(stranger).certificate },
      ["warn eai.crt does not lead to an authority of ca.crt"],
    ],
    [
      "that an authority in between is not enough, for it ends in no root",
      { own: leafOf(intermediate).certificate, authorities: intermediate.certificate, crls: listOf(intermediate) },
      ["warn eai.crt does not lead to an authority of ca.crt"],
    ],
    [
      "that the intermediate one is of an authority that nobody here believes",
      {
        own: leafOf(intermediate).certificate + intermediate.certificate,
        authorities: stranger.certificate,
        crls: listOf(intermediate) + listOf(stranger),
      },
      ["warn eai.crt does not lead to an authority of ca.crt"],
    ],
    [
      "that its issuer has no list",
      { own: leafOf(intermediate).certificate + intermediate.certificate },
      ["error ca.crl has no CRL of CN=an intermediate authority, O=mllp-safetunnel sandbox"],
    ],
    [
      "that an authority which is believed has no list, whoever issued the own certificate",
      { authorities: authority.certificate + stranger.certificate },
      ["info ca.crl has no CRL of CN=mllp-safetunnel sandbox CA, O=mllp-safetunnel sandbox"],
    ],
    [
      "that nobody here signed a list",
      { crls: list(authority) + list(stranger) },
      [
        "error ca.crl holds a CRL of CN=mllp-safetunnel sandbox CA, O=mllp-safetunnel sandbox that no authority here signed",
      ],
    ],
    [
      "that it is revoked",
      { crls: listOf(authority, { revoked: [{ serial, date: now }] }) },
      ["error eai.crt is revoked"],
    ],
    [
      "that it belongs to the lab",
      { own: signed({ unit: "FAULTY wrong-host" }) },
      ["error eai.crt is marked as faulty (wrong-host)"],
    ],
    ["that it cannot be a server", { own: usage({ clientAuth: true }) }, ["error eai.crt lacks serverAuth"]],
    ["that it cannot be a client", { own: usage({ serverAuth: true }) }, ["error eai.crt lacks clientAuth"]],
    [
      "that a use for anything is neither",
      { own: usage({ "2.5.29.37.0": true }) },
      ["error eai.crt lacks serverAuth", "error eai.crt lacks clientAuth"],
    ],
    ["that revoked peers are accepted", { crls: null }, ["warn eai.crt no CRLfile is set"]],
  ])("%s", (_what, given, expected) => {
    const notices = said(noticesOf(material(given)));
    expect(notices).toEqual(expected.map((text) => expect.stringContaining(text)));
  });
});

test("every notice is said in French as well, with the same names and files", () => {
  const serial = serialOf(new X509Certificate(leaf.certificate));
  const notices = [
    material({ own: signed({ unit: "FAULTY expired", issuer: stranger }), crls: null }),
    material({
      own: signed({
        extensions: [
          { name: "keyUsage", cRLSign: true },
          { name: "extKeyUsage", emailProtection: true },
        ],
      }),
    }),
    material({ crls: listOf(authority, { revoked: [{ serial, date: now }] }) + listOf(stranger) }),
    material({ authorities: authority.certificate + stranger.certificate }),
    material({ crls: listOf(authority) + listOf(intermediate) }),
  ].flatMap((files) => noticesOf(files));
  expect(new Set(notices.map(({ about }) => about))).toEqual(new Set(["lab", "chain", "usage", "crl"]));
  for (const { text } of notices) {
    expect(text.fr).not.toBe(text.en);
    const marked = /\b(?:ca\.crt|CN=[^:]*?sandbox(?=[ :])|serverAuth|clientAuth|digitalSignature|CRLfile|expired\))/g;
    for (const word of text.en.match(marked) ?? []) expect(text.fr).toContain(word);
  }
});
