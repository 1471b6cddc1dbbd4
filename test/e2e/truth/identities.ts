import type { Fault as LabFault } from "../../../stunnel/lab.ts";
import { BOTH_LEGS, type Change, type Fault } from "./fault.ts";

type Expected = Pick<Fault, "fails" | "warns" | "to" | "from" | "says" | "saysFrom">;

/** What a stunnel.conf is that shows an identity of the lab. */
function showing(fault: LabFault, site: "eai" | "dpi"): Change {
  const path = `/lab/${fault}/${site}.faulty`;
  // without it Stunnel does not start on this key
  const level = fault === "weak-key" ? { securityLevel: "0" } : {};
  return { global: { cert: `${path}.crt`, key: `${path}.key`, ...level } };
}

const EXPIRED_CRL: Change = { global: { CRLfile: "/lab/expired-crl/ca.faulty.crl" } };

const weRefuse = (why: RegExp, ...fails: NonNullable<Fault["fails"]>): Expected => ({
  fails: [...fails, ...BOTH_LEGS],
  to: "we-refused-peer",
  from: "we-refused-peer",
  says: why,
  saysFrom: why,
});

/** What is seen of a peer that shows each: as client it is refused like as server, but for the usages. */
const OF_PEER: Record<LabFault, Expected> = {
  "untrusted-root": weRefuse(/authority/, "handshake.peer-chain"),
  "self-signed": weRefuse(/signed itself/, "handshake.peer-chain"),
  expired: weRefuse(/has expired/, "handshake.peer-days"),
  "not-yet-valid": weRefuse(/not valid yet/, "handshake.peer-days"),
  "wrong-host": weRefuse(/another name/, "handshake.peer-name"),
  sibling: weRefuse(/another name/, "handshake.peer-name"),
  "wrong-usage-client-only": {
    fails: ["handshake.peer-usage", "exchange.tunnel"],
    to: "we-refused-peer",
    says: /may not be used|good for (?:client|server)Auth only/,
  },
  "wrong-usage-server-only": {
    fails: ["exchange.from"],
    from: "we-refused-peer",
    saysFrom: /may not be used|good for (?:client|server)Auth only/,
  },
  "incomplete-chain": weRefuse(/does not send its intermediate/, "handshake.peer-chain"),
  "missing-crl": weRefuse(/no CRL/, "handshake.peer-crl"),
  "no-san": { warns: ["handshake.peer-name"] },
  "x509-v1": { warns: ["handshake.peer-name"] },
  "weak-key": weRefuse(/key .* is too short/, "handshake.peer-strength"),
  revoked: weRefuse(/was revoked/, "handshake.peer-crl"),
  // the identity is good, and so is our CRL
  "expired-crl": {},
};

const theyRefuse = (why: RegExp, ...fails: NonNullable<Fault["fails"]>): Expected => ({
  fails: [...fails, "mutual.accepted.to", ...BOTH_LEGS],
  to: "peer-refused-us",
  from: "peer-refused-us",
  says: why,
  saysFrom: why,
});

/** What is seen where we show each ourselves; each is of the lab as well. */
const OF_OURS: Record<LabFault, Expected> = {
  // it may be the peer's authority: only the peer can say so
  "untrusted-root": { ...theyRefuse(/authority/), warns: ["certificates.chain"] },
  "self-signed": { ...theyRefuse(/self-signed/), warns: ["certificates.chain"] },
  expired: theyRefuse(/has expired/, "certificates.own-days"),
  "not-yet-valid": theyRefuse(/not valid yet/, "certificates.own-days"),
  "wrong-host": theyRefuse(/another name/, "certificates.names"),
  sibling: theyRefuse(/another name/, "certificates.names"),
  "wrong-usage-client-only": {
    fails: ["certificates.usage", "exchange.from"],
    from: "peer-refused-us",
    saysFrom: /may not be used|good for (?:client|server)Auth only/,
  },
  "wrong-usage-server-only": {
    fails: ["certificates.usage", "mutual.accepted.to", "exchange.tunnel"],
    to: "peer-refused-us",
    says: /may not be used|good for (?:client|server)Auth only/,
  },
  "incomplete-chain": { ...theyRefuse(/an intermediate that is missing/), warns: ["certificates.chain"] },
  "missing-crl": theyRefuse(/CRL of CN=mllp-safetunnel lab intermediate/, "certificates.crl"),
  "no-san": { warns: ["certificates.names"] },
  "x509-v1": { warns: ["certificates.names"] },
  "weak-key": theyRefuse(/key is too short/, "certificates.strength"),
  revoked: theyRefuse(/was revoked/, "certificates.crl"),
  "expired-crl": {},
};

const FAULTS = Object.keys(OF_PEER) as LabFault[];

/** The peer shows an identity of the lab. */
export const PEERS_IDENTITY: Fault[] = [
  ...FAULTS.map((fault) => ({ name: `peer shows: ${fault}`, dpi: showing(fault, "dpi"), ...OF_PEER[fault] })),
  {
    name: "our CRL has expired",
    eai: EXPIRED_CRL,
    ...weRefuse(/the CRL used here is past its next update/, "certificates.crl-days", "handshake.peer-crl"),
  },
];

/** We show an identity of the lab. */
export const OWN_IDENTITY: Fault[] = [
  ...FAULTS.map((fault): Fault => {
    const { fails = [], ...others } = OF_OURS[fault];
    return {
      name: `we show: ${fault}`,
      eai: showing(fault, "eai"),
      ...others,
      fails: ["certificates.lab", ...fails],
    };
  }),
  { name: "the peer's CRL has expired", dpi: EXPIRED_CRL, ...theyRefuse(/the CRL of the peer has expired/) },
];
