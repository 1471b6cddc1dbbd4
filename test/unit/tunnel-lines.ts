import { loggedConnections } from "../../src/check/probe/tunnel-log.ts";
import { Scratch } from "./scratch.ts";

export const time = "2026-11-21T10:41:06.682Z";

/** Lines as a site writes them of what its Stunnel says, of one connection each. */
export const logged = (connection: number | string, ...messages: string[]) =>
  messages.map((msg) =>
    JSON.stringify({ level: 20, time, part: "stunnel", event: "stunnel", connection: `${connection}`, msg }),
  );
export const from = (place: string, service = "mdm_from_eai") =>
  `Service [${service}] accepted connection from ${place}`;

export const ASKS = "Peer certificate required";
export const ACCEPTED = [
  "Certificate accepted at depth=1: CN=mllp-safetunnel sandbox CA, O=mllp-safetunnel sandbox",
  'CERT: Host name "eai" matched with "eai"',
  "Certificate accepted at depth=0: CN=eai, O=mllp-safetunnel sandbox",
  "TLS accepted: new session negotiated",
  "s_connect: connecting 127.0.0.1:21010",
];
export const THROUGH = [ASKS, ...ACCEPTED, "s_connect: connected 127.0.0.1:21010"];
export const CLOSED = "Connection closed: 516 byte(s) sent to TLS, 27121 byte(s) sent to socket";
export const RESET = "Connection reset/closed: 0 byte(s) sent to TLS, 0 byte(s) sent to socket";
const VERIFY_FAILED =
  "SSL_accept: ssl/statem/statem_srvr.c:3777: error:0A000086:SSL routines::certificate verify failed";
export const EXPIRED = [
  ASKS,
  "CERT: Pre-verification error: certificate has expired",
  "Rejected by CERT at depth=0: CN=eai, O=mllp-safetunnel sandbox",
  VERIFY_FAILED,
  RESET,
];
/** The same of what "check" shows on purpose. */
export const PROBE = EXPIRED.map((line) => line.replace("CN=eai,", "CN=eai, OU=probe expired,"));
export const NO_CERTIFICATE = [
  ASKS,
  "SSL_accept: error:0A0000C7:SSL routines::peer did not return a certificate",
  RESET,
];
export const KNOCK = [ASKS, "SSL_accept: error:0A000126:SSL routines::unexpected eof while reading", RESET];
export const alert = (words: string) => [ASKS, `SSL_accept: error:0A000415:SSL routines::${words}`, RESET];

/** The connections in a log. */
export async function connectionsIn(lines: string[]) {
  using scratch = new Scratch();
  return await loggedConnections(scratch.write("stunnel.log", `${lines.join("\n")}\n`));
}

export const PEER = "192.0.2.7:39530";
export const good = logged(1, from(PEER), ...THROUGH, CLOSED);
