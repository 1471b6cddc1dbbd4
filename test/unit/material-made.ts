import { leafExtensions, periodFrom, signCertificate } from "../../stunnel/certificates.ts";
import { readCrls } from "../../stunnel/crl.ts";
import { readCertificates } from "../../stunnel/inspect.ts";
import type { Material } from "../../stunnel/material.ts";
import { authority, leaf, listOf, now } from "./trust-kit.ts";

/** What a site's files hold, where that is not what they should. */
export interface Given {
  own?: string;
  authorities?: string;
  /** Null where the configuration names no CRLfile. */
  crls?: string | null;
}

/** The files of a site, read. */
export const material = ({ own, authorities, crls = listOf(authority) }: Given = {}): Material => ({
  paths: { certificate: "eai.crt", key: "eai.key", authorities: "ca.crt", crl: crls === null ? undefined : "ca.crl" },
  chain: readCertificates(own ?? leaf.certificate, "eai.crt", ""),
  authorities: readCertificates(authorities ?? authority.certificate, "ca.crt", ""),
  crls: crls === null ? undefined : readCrls(crls, "ca.crl"),
  digest: "of all",
});

/** A certificate of the site with changes. */
export const signed = (changes: object): string =>
  signCertificate({
    commonName: "eai",
    key: leaf.key,
    issuer: authority,
    period: periodFrom(now, 397),
    extensions: leafExtensions(["eai"]),
    ...changes,
  });
