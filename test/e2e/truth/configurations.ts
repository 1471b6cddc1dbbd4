import type { Fault } from "./fault.ts";

const STRONG =
  "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256";
const TLS_1_0 = { sslVersionMin: "TLSv1", securityLevel: "0", ciphers: `${STRONG}:ECDHE-RSA-AES256-SHA` };
const NO_NAME = { to: { checkHost: null }, from: { checkHost: null } };

/** What may be wrong in the stunnel.conf of the site that asks. */
export const OWN_CONFIGURATION: Fault[] = [
  {
    name: "own conf: no checkHost where we send",
    eai: { to: { checkHost: null } },
    fails: ["configuration.peer-name"],
  },
  {
    name: "own conf: no checkHost where we receive",
    eai: { from: { checkHost: null } },
    fails: ["configuration.peer-name", "mutual.sibling.from"],
  },
  {
    // with checkHost and without verifyChain Stunnel does not start
    name: "own conf: neither verifyChain nor checkHost",
    eai: { global: { verifyChain: null }, ...NO_NAME },
    fails: [
      "configuration.chain-verified",
      "configuration.peer-name",
      "mutual.no-certificate.from",
      "mutual.untrusted-root.from",
      "mutual.expired.from",
      "mutual.sibling.from",
    ],
  },
  {
    name: "own conf: no certificate required",
    eai: { from: { requireCert: "no" } },
    fails: ["configuration.chain-verified", "mutual.no-certificate.from"],
  },
  { name: "own conf: no CRLfile", eai: { global: { CRLfile: null } }, warns: ["configuration.revocation"] },
  {
    name: "own conf: resumption as by default",
    eai: { global: { sessionResume: null } },
    fails: ["configuration.resumption"],
  },
  {
    name: "own conf: TLS 1.0 allowed",
    eai: { global: TLS_1_0 },
    fails: ["configuration.oldest-version", "protocol.tls-1.0.from", "protocol.tls-1.1.from"],
    warns: ["configuration.cipher-list"],
  },
  { name: "own conf: no ciphers", eai: { global: { ciphers: null } }, warns: ["configuration.cipher-list"] },
  {
    name: "own conf: plain port on all addresses",
    eai: { to: { accept: "0.0.0.0:21010" } },
    fails: ["configuration.plain-side", "protocol.plain-ports.from"],
  },
  {
    name: "own conf: listener not on loopback",
    eai: { from: { connect: "eai:22010" } },
    fails: ["configuration.plain-side", "exchange.from"],
    from: "application-down",
  },
  { name: "own conf: no delay", eai: { to: { delay: null } }, warns: ["configuration.delay"] },
  { name: "own conf: no TIMEOUTbusy", eai: { global: { TIMEOUTbusy: null } }, warns: ["configuration.time-limits"] },
  { name: "own conf: no debug", eai: { global: { debug: null } }, warns: ["configuration.log-level"] },
];

/** What may be wrong in the stunnel.conf of the peer, as far as it shows. */
export const PEERS_CONFIGURATION: Fault[] = [
  { name: "peer's conf: no checkHost", dpi: NO_NAME, fails: ["mutual.sibling.to"] },
  {
    name: "peer's conf: neither verifyChain nor checkHost",
    dpi: { global: { verifyChain: null }, ...NO_NAME },
    fails: ["mutual.no-certificate.to", "mutual.untrusted-root.to", "mutual.expired.to", "mutual.sibling.to"],
  },
  {
    name: "peer's conf: no certificate required",
    dpi: { from: { requireCert: "no" } },
    fails: ["mutual.no-certificate.to"],
  },
  {
    name: "peer's conf: TLS 1.0 allowed",
    dpi: { global: TLS_1_0 },
    fails: ["handshake.other-versions", "protocol.tls-1.0.to", "protocol.tls-1.1.to"],
    warns: ["handshake.other-suites"],
  },
  {
    name: "peer's conf: TLS 1.2 only",
    dpi: { global: { sslVersionMax: "TLSv1.2" } },
    warns: ["handshake.other-versions"],
  },
  { name: "peer's conf: no ciphers", dpi: { global: { ciphers: null } }, warns: ["handshake.other-suites"] },
  {
    name: "peer's conf: suites without encryption",
    dpi: { global: { ciphers: `${STRONG}:ECDHE-RSA-NULL-SHA`, securityLevel: "0" } },
    fails: ["handshake.other-suites"],
  },
  {
    name: "peer's conf: plain port on all addresses",
    dpi: { to: { accept: "0.0.0.0:22010" } },
    fails: ["protocol.plain-ports.to"],
  },
  {
    name: "peer's conf: resumption as by default",
    dpi: { global: { sessionResume: null } },
    warns: ["handshake.resumption"],
  },
  // nobody sees it from outside
  { name: "peer's conf: no CRLfile", dpi: { global: { CRLfile: null } } },
];
