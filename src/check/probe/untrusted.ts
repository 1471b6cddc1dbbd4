import { generateKey, leafExtensions, periodFrom, signCertificate } from "../../../stunnel/certificates.ts";
import { commonNameOf } from "../../../stunnel/inspect.ts";
import type { Target } from "./link.ts";
import type { ShownIdentity } from "./probe.ts";

/** An identity as ours in all but its issuer, whom nobody believes since it was made a moment ago. */
export async function untrusted({ chain }: Target): Promise<ShownIdentity> {
  untrustedKey ??= generateKey(2048);
  const key = await untrustedKey;
  const commonName = (chain && commonNameOf(chain[0])) || "check";
  const period = periodFrom(new Date(), 1);
  const issuer = {
    certificate: signCertificate({ commonName: "untrusted root of check", key, period, extensions: [] }),
    key,
  };
  const certificate = signCertificate({
    commonName,
    unit: "probe untrusted",
    key,
    period,
    extensions: leafExtensions([commonName]),
    issuer,
  });
  return { certificate, key };
}

let untrustedKey: Promise<string> | undefined;
