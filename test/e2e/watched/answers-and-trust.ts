import { connect } from "node:tls";
import type { Sandbox } from "../sandbox/index.ts";
import { type Faults, nothing, TO_DPI, TO_EAI } from "./faults.ts";

/** A program for node in "certs": pairs and lists that end soon, 20 days for EAI and 3 for DPI. */
const ENDS_SOON = `
  import { readFileSync, writeFileSync } from "node:fs";
  import { leafExtensions, periodFrom, signCertificate } from "/app/stunnel/certificates.ts";
  import { createCrl } from "/app/stunnel/crl.ts";
  const read = (path) => readFileSync(path, "utf8");
  const issuer = { certificate: read("/pki/authority/ca.crt"), key: read("/pki/authority/ca.key") };
  for (const [site, days] of [["eai", 20], ["dpi", 3]]) {
    const period = periodFrom(new Date(), days);
    const request = { commonName: site, key: read(\`/pki/\${site}/\${site}.key\`), issuer, period };
    writeFileSync(\`/pki/\${site}/\${site}.crt\`, signCertificate({ ...request, extensions: leafExtensions([site]) }));
    writeFileSync(\`/pki/\${site}/ca.crl\`, createCrl({ issuer, revoked: [], period, number: 7 }));
  }`;

const reload = (sandbox: Sandbox) =>
  Promise.all((["eai", "dpi"] as const).map((site) => sandbox.mustExec(site, "certs", "reload", "--expect-change")));

/** Connects to a TLS port without a certificate, and waits until it is refused. */
async function comeWithoutCertificate(sandbox: Sandbox): Promise<void> {
  const refused = Promise.withResolvers<void>();
  const socket = connect({ port: await sandbox.tlsPort("dpi"), host: "127.0.0.1", rejectUnauthorized: false });
  socket.on("error", () => {}).on("close", () => refused.resolve());
  await refused.promise;
}

/** What is wrong with the trust of a link, and with its answers: nothing of it disturbs another. */
export const ANSWERS_AND_TRUST: Faults = {
  environment: { EAI_ANSWER: "AE 204 every 40", DPI_ANSWER: "AE 204 first 10" },
  groups: [
    [
      {
        name: "a client without a certificate comes to DPI",
        cause: comeWithoutCertificate,
        tells: [
          {
            alert: "TlsRefusals",
            labels: { site: "dpi", leg: "eai-to-dpi", refused_by: "here" },
            severity: "warning",
            summary: /^eai-to-dpi: connections are refused by dpi, cause no-certificate$/,
          },
        ],
        mended: "it comes no more",
        mend: nothing,
      },
      {
        name: "certificate and CRL of EAI have 20 days left, those of DPI 3",
        cause: async (sandbox) => {
          const ran = await sandbox.compose(["run", "--rm", "-T", "certs", "node", "--input-type=module", "-"], {
            input: ENDS_SOON,
          });
          if (ran.code !== 0) throw new Error(ran.stderr);
          await reload(sandbox);
        },
        tells: [
          {
            alert: "CertificateExpiresSoon",
            labels: { site: "eai", certificate: "own" },
            severity: "warning",
            summary: /^both legs of eai: the certificate \(own\) .* expires in 19d /,
          },
          {
            alert: "CertificateExpiresVerySoon",
            labels: { site: "dpi", certificate: "own" },
            severity: "critical",
            summary: /^both legs of dpi: the certificate \(own\) .* expires in 2d /,
          },
          {
            alert: "CrlExpiresSoon",
            labels: { site: "eai" },
            severity: "warning",
            summary: /^both legs of eai: the revocation list .* expires in 19d /,
          },
          {
            alert: "CrlExpiresVerySoon",
            labels: { site: "dpi" },
            severity: "critical",
            summary: /^both legs of dpi: the revocation list .* expires in 2d /,
          },
        ],
        mended: "`docker compose run --rm certs`, then `certs reload` in both sites",
        mend: async (sandbox) => {
          await sandbox.mustCompose("run", "--rm", "-T", "certs");
          await reload(sandbox);
        },
      },
      {
        name: "EAI answers one message in forty with AE",
        cause: (sandbox) => sandbox.exec("dpi", ["send", "--count", "400", "--connections", "4"]),
        tells: [
          {
            alert: "ErrorRateHigh",
            labels: TO_EAI,
            severity: "warning",
            summary: /^dpi-to-eai: [1-4](\.\d+)?% of the exchanges of dpi fail, cause AE$/,
          },
        ],
        mended: "no more of them for five minutes",
        mend: nothing,
      },
      {
        name: "DPI answers ten messages out of forty with AE",
        cause: (sandbox) => sandbox.exec("eai", ["send", "--queue", "--count", "40"]),
        tells: [
          {
            alert: "ErrorRateVeryHigh",
            labels: TO_DPI,
            severity: "critical",
            summary: /^eai-to-dpi: \d+(\.\d+)?% of the exchanges of eai fail, cause AE$/,
          },
          {
            alert: "MessagesSetAside",
            labels: TO_DPI,
            severity: "warning",
            summary: /^eai-to-dpi: \d+ set aside in the outbox of eai, cause AE$/,
          },
        ],
        mended: "`queue retry --all`",
        mend: (sandbox) => sandbox.mustExec("eai", "queue", "retry", "--all"),
      },
    ],
  ],
};
