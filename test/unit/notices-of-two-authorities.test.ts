import { expect, test } from "vitest";
import { authorityExtensions, type Pair } from "../../stunnel/certificates.ts";
import { type Notice, noticesOf } from "../../stunnel/notices.ts";
import { type Given, material, signed } from "./material-made.ts";
import { authority, intermediate, leaf, leafOf, listOf } from "./trust-kit.ts";

/* The two sites' certificates come from two intermediate authorities below one root. */

const said = (notices: Notice[]) => notices.map(({ level, path, text }) => `${level} ${path} ${text.en}`);
const ofPeer: Pair = {
  key: leaf.key,
  certificate: signed({ commonName: "the other one", key: leaf.key, extensions: authorityExtensions(0) }),
};
const own = leafOf(intermediate).certificate + intermediate.certificate;
const [ours, theirs] = [listOf(intermediate), listOf(ofPeer)];
const all = authority.certificate + intermediate.certificate + ofPeer.certificate;
const unjudged =
  /^info ca\.crl holds a CRL that cannot be judged here: it is signed by CN=the other one, O=\S+ sandbox, /;
const missing = /has no CRL of CN=an intermediate authority, /;
const saidOf = (given: Given) => noticesOf(material({ own, ...given }));
const besideTheRoots = (given: Given) => said(saidOf(given)).filter((text) => !/no CRL of CN=mllp/.test(text));

test("with all in ca.crt, and both lists in ca.crl, all is as it should be", () => {
  expect(besideTheRoots({ authorities: all, crls: ours + theirs })).toEqual([]);
});

test("with the root alone in ca.crt, the list of the peer's cannot be judged, and is not refused", () => {
  expect(besideTheRoots({ crls: ours + theirs })).toEqual([expect.stringMatching(unjudged)]);
});

test.each([
  ["the root alone", undefined, [unjudged, missing]],
  ["all", all, [missing]],
])(
  "with %s in ca.crt the list of the peer's suffices, and a warning says that ours is not there",
  (_in, authorities, texts) => {
    const notices = saidOf({ ...(authorities && { authorities }), crls: theirs });
    expect(notices.filter(({ fatal }) => fatal)).toEqual([]);
    expect(notices.filter(({ level }) => level === "warn").map(({ text }) => text.en)).toEqual([
      expect.stringMatching(missing),
    ]);
    for (const text of texts) expect(said(notices)).toContainEqual(expect.stringMatching(text));
  },
);

test("with the peer's in ca.crt and no list of it, that is told", () => {
  expect(besideTheRoots({ authorities: all, crls: ours })).toEqual([
    expect.stringMatching(/^info ca\.crl has no CRL of CN=the other one, /),
  ]);
});

test.each<[string, Given]>([
  ["the root's, which says nothing of either", { crls: listOf(authority) }],
  ["ours, and it is not there, nor any that the peer's chain may bring", { authorities: all, crls: listOf(authority) }],
])("where the only list is %s, the other side is refused", (_what, given) => {
  const fatal = saidOf(given).filter((notice) => notice.fatal);
  expect(said(fatal)).toEqual([expect.stringMatching(/^error ca\.crl has no CRL of CN=an intermediate authority, /)]);
});

test("a root that issued ours itself may have issued the peer's, whatever other list is there", () => {
  const notices = noticesOf(material({ crls: theirs }));
  expect(said(notices.filter((notice) => notice.fatal))).toEqual([
    expect.stringMatching(/^error ca\.crl has no CRL of CN=mllp-safetunnel sandbox CA, /),
  ]);
});

test("a list that bears the name of one that is known, and not its signature, is refused", () => {
  const forged = listOf({ ...intermediate, key: authority.key });
  expect(said(saidOf({ crls: ours + forged }))).toContainEqual(
    expect.stringMatching(
      /^error ca\.crl holds a CRL of CN=an intermediate authority, .* that no authority here signed$/,
    ),
  );
});
