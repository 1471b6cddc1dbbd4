import {
  certsDo,
  confIsMended,
  dropsPackets,
  listener,
  siteHangs,
  siteStops,
  stunnelEnds,
  stunnelHangs,
} from "./causes.ts";
import { BOTH_LEGS, type Change, type Fault } from "./fault.ts";

const connecting = (place: string): Change => ({ to: { connect: place } });
const unreached: Pick<Fault, "fails"> = { fails: ["handshake.reached", "exchange.tunnel"] };

/** What may be wrong between the applications; what came from the peer came before. */
export const PATHS: Fault[] = [
  {
    name: "path: name unknown",
    eai: connecting("nobody.invalid:32100"),
    ...unreached,
    to: "name-not-resolved",
    says: /nobody\.invalid/,
  },
  { name: "path: port closed", eai: connecting("dpi:32199"), ...unreached, to: "port-closed", says: /32199/ },
  {
    name: "path: packets dropped",
    eai: connecting("dpi:32198"),
    cause: dropsPackets(32198),
    ...unreached,
    to: "packets-dropped",
  },
  {
    name: "path: the peer is not TLS",
    eai: connecting("dpi:32197"),
    cause: listener(32197, "--host", "0.0.0.0"),
    fails: ["handshake.reached", "protocol.plain-mllp.to", "exchange.tunnel"],
    to: "peer-not-tls",
  },
  { name: "peer's Stunnel: hangs", cause: stunnelHangs, isVisitedBefore: true, ...unreached, to: "peer-silent" },
  { name: "peer's Stunnel: ended", cause: stunnelEnds, isVisitedBefore: true, ...unreached, to: "port-closed" },
  { name: "peer's site: stopped", cause: siteStops, isVisitedBefore: true, ...unreached, to: "name-not-resolved" },
  {
    name: "our site: hangs",
    cause: siteHangs,
    isVisitedBefore: true,
    fails: ["site.listener", "exchange.from"],
    from: "application-down",
  },
  {
    // one port that is taken costs it all of its ports
    name: "our Stunnel: listens nowhere",
    eai: { further: "[taken]\naccept = 127.0.0.1:22010\nconnect = 127.0.0.1:9\ncheckHost = dpi\n" },
    isRefused: true,
    fails: ["site.ports", "configuration.loaded", ...BOTH_LEGS],
    to: "near-stunnel-down",
    from: "near-stunnel-down",
  },
  {
    name: "our site: not started",
    at: "nobody",
    fails: ["site.stunnel", "site.ports", "site.listener", ...BOTH_LEGS],
    to: "near-stunnel-down",
    from: "near-stunnel-down",
  },
];

/** What may be wrong with our files though our Stunnel goes on with good ones, and what only the peer refuses. */
export const FILES: Fault[] = [
  {
    name: "our files: the key does not match",
    eai: { global: { key: "/lab/expired/eai.faulty.key" } },
    isRefused: true,
    fails: ["certificates.files", "configuration.loaded"],
  },
  {
    name: "our files: conf mended, not loaded",
    eai: { to: { checkHost: null } },
    cause: confIsMended,
    fails: ["configuration.loaded"],
  },
  { name: "our files: renewed, not loaded", cause: certsDo(["rotate", "eai"], false), fails: ["certificates.served"] },
  {
    name: "our files: revoked",
    cause: certsDo(["revoke", "eai"], true),
    fails: ["certificates.crl", "mutual.accepted.to", ...BOTH_LEGS],
    to: "peer-refused-us",
    from: "peer-refused-us",
    says: /revoked/,
    saysFrom: /revoked/,
  },
];
