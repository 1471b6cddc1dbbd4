import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { weaknessOf } from "../../src/check/own/strength.ts";
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
import { leaf } from "./trust-kit.ts";

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
