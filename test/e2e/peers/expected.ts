import type { PlaceCode, Status } from "../../../src/check/finding.ts";
import { type FindingId, QUESTIONS } from "../../../src/check/questions.ts";

/** What has to come of a peer: where the leg to it stops, and which of the questions do not pass. */
export interface Expected {
  place: PlaceCode;
  fail?: FindingId[];
  warn?: FindingId[];
  skip?: FindingId[];
}

/** What is asked about an endpoint that is seen from elsewhere: nothing of a site, and nothing of the leg back. */
const ASKED = (Object.keys(QUESTIONS) as FindingId[]).filter(
  (id) => /^handshake|^exchange|\.to$/.test(id) && id !== "exchange.from",
);
/** Nobody says here which the plain ports are. */
const NEVER: FindingId[] = ["protocol.plain-ports.to"];

/** Returns what has to come of each question. */
export function statusesOf({ fail = [], warn = [], skip = [] }: Expected): Record<string, Status> {
  const of = (status: Status, ids: FindingId[]) => ids.map((id) => [id, status]);
  return Object.fromEntries([
    ...of("pass", ASKED),
    ...of("skip", [...NEVER, ...skip]),
    ...of("warn", warn),
    ...of("fail", fail),
  ]);
}

const OTHERS: FindingId[] = ["mutual.untrusted-root.to", "mutual.expired.to", "mutual.sibling.to"];
const ALL_IN: FindingId[] = ["mutual.no-certificate.to", ...OTHERS];
const EXCHANGED: FindingId[] = ["exchange.acknowledged", "exchange.negative", "exchange.round-trip"];
const TLS = ASKED.filter((id) => /^handshake|^mutual|tls-1/.test(id) && id !== "handshake.reached");

const works = (wrong: Omit<Expected, "place"> = {}): Expected => ({ place: "works", ...wrong });

/** With a peer that is not believed no message is exchanged; what it makes of us is seen all the same. */
const disbelieved = (...why: FindingId[]): Expected => ({
  place: "we-refused-peer",
  fail: [...why, "exchange.tunnel"],
  skip: EXCHANGED,
});
/** Its chain leads nowhere, so no CRL can be looked for. */
const withoutIssuer: Expected = {
  ...disbelieved("handshake.peer-chain"),
  skip: ["handshake.peer-crl", ...EXCHANGED],
};
/** It refuses what is right as it does what is wrong; only without a certificate it says that one is wanted. */
const refusing: Expected = {
  place: "peer-refused-us",
  fail: ["mutual.accepted.to", "exchange.tunnel"],
  skip: ["handshake.resumption", ...OTHERS, ...EXCHANGED],
};
const notTls: Expected = {
  place: "peer-not-tls",
  fail: ["handshake.reached", "protocol.plain-mllp.to", "exchange.tunnel"],
  skip: [...TLS, ...EXCHANGED],
};

export const EXPECTED: Record<string, Expected> = {
  "haproxy: right": works(),
  "haproxy: right-by-content-without-tls-1.3": works({ warn: ["handshake.other-versions"] }),
  "haproxy: no-name": works({ fail: ["mutual.sibling.to"] }),
  "haproxy: verify-optional": works({ fail: ["mutual.no-certificate.to"] }),
  "haproxy: verify-none": works({ fail: ALL_IN }),
  "haproxy: tls-1.0": works({
    fail: ["handshake.other-versions", "protocol.tls-1.0.to", "protocol.tls-1.1.to"],
    // these versions have no suite that is better
    warn: ["handshake.other-suites"],
  }),
  "haproxy: incomplete-chain": withoutIssuer,
  "haproxy: other-authority": refusing,
  // it holds the connection for 3 s, so that a message is tried
  "haproxy: application-down": {
    place: "application-down",
    fail: ["exchange.tunnel", "exchange.acknowledged"],
    skip: ["protocol.plain-ports.to", "exchange.negative", "exchange.round-trip"],
  },
  "haproxy: plain": notTls,
  "node: right": works(),
  "node: right, checks by hand": works(),
  "node: resumes sessions": works({ warn: ["handshake.resumption"] }),
  "node: takes the suites of Node": works({ warn: ["handshake.other-suites"] }),
  "node: takes a suite that does not encrypt": works({ fail: ["handshake.other-suites"] }),
  "node: expired": disbelieved("handshake.peer-days"),
  "node: wrong host": disbelieved("handshake.peer-name"),
  "node: untrusted root": withoutIssuer,
  "node: believes another authority": refusing,
  // it ends every connection at once and without an alert, whoever comes
  "node: application down": {
    place: "application-down",
    fail: ["exchange.tunnel"],
    skip: [...OTHERS, ...EXCHANGED],
  },
  "node: application silent": {
    place: "application-silent",
    fail: ["exchange.acknowledged"],
    skip: ["exchange.negative", "exchange.round-trip"],
  },
  // it hangs up when we do, so somebody lives there
  "node: plain, and silent to a hello": notTls,
  // as is what listens where a device in between has taken the connection: nobody hears a word
  "node: frozen": {
    place: "peer-silent",
    fail: ["handshake.reached", "exchange.tunnel"],
    skip: [...TLS, "protocol.plain-mllp.to", ...EXCHANGED],
  },
};
