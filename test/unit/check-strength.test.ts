import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { judgeCertificates } from "../../src/check/own/certificates.ts";
import { weaknessOf } from "../../src/check/own/strength.ts";
import type { Material } from "../../stunnel/material.ts";
import { material } from "./material-made.ts";
import {
  ecLeaf,
  ecRoot,
  md5Leaf,
  p192Leaf,
  p224Leaf,
  rsa1536Leaf,
  rsa2048Leaf,
  sha1Leaf,
  sha1Root,
} from "./strength-made.ts";
import { leaf, now } from "./trust-kit.ts";

test.each(Object.entries({ ecRoot, ecLeaf, rsa2048Leaf, p224Leaf, sha1Root }))("%s is strong enough", (_, made) => {
  expect(weaknessOf(made)).toBeUndefined();
});

test.each([
  [rsa1536Leaf, "key RSA 1536, below 2048 bits", "clé RSA 1536, sous 2048 bits"],
  [new X509Certificate(leaf.certificate), "key RSA 512, below 2048 bits", "clé RSA 512"],
  [p192Leaf, "key EC prime192v1, below 224 bits", "sous 224 bits"],
  [sha1Leaf, "signed with SHA-1, which can be forged", "signé avec SHA-1"],
  [md5Leaf, "signed with MD5, which can be forged", "signé avec MD5"],
])("%o is not: %s", (certificate, en, fr) => {
  expect(weaknessOf(certificate)).toEqual({ en, fr: expect.stringContaining(fr) });
});

const judge = (given: Material) =>
  judgeCertificates(given, { name: "eai" }, undefined, now).find(({ id }) => id === "certificates.strength");

test("keys and signatures of today's strength pass", () => {
  const chain: Material["chain"] = [ecLeaf];
  expect(judge({ ...material({ crls: null }), chain, authorities: [ecRoot, sha1Root] })).toMatchObject({
    status: "pass",
    detail: { en: "leaf EC prime256v1, root EC prime256v1, sha1 root EC prime256v1" },
  });
});

test("strength is a fail, by the name of each", () => {
  const chain: Material["chain"] = [sha1Leaf];
  const files = { ...material(), chain, authorities: [ecRoot, p192Leaf] };
  expect(judge(files)).toMatchObject({
    status: "fail",
    detail: { en: "sha1: signed with SHA-1, which can be forged; p192: key EC prime192v1, below 224 bits" },
  });
});
