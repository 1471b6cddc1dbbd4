import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { isSameKey } from "../../stunnel/inspect.ts";

const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 });
const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" });
const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" });

test("keys of different kinds are told apart, and the next key is read as if nothing had been", () => {
  const pem = rsa.privateKey.export({ type: "pkcs8", format: "pem" });
  for (const [one, other] of [
    [rsa, p256],
    [p256, p384],
  ] as const) {
    expect(isSameKey(one.publicKey, other.publicKey)).toBe(false);
    expect(createPrivateKey(pem).type).toBe("private");
  }
  for (const { privateKey, publicKey } of [rsa, p256])
    expect(isSameKey(createPublicKey(privateKey), publicKey)).toBe(true);
});
