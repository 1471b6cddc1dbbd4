import { expect, test } from "vitest";
import { parseTunnelLine } from "../../src/site/tunnel-line.ts";

test.each([
  ["2026.01.15 09:30:00 LOG5[ui]: Configuration successful", "info", "ui", "Configuration successful"],
  ["LOG3[12]: SSL_accept: ssl/tls alert bad certificate", "error", "12", "SSL_accept: ssl/tls alert bad certificate"],
  ["2026.01.15 09:30:00 LOG4[3]: Rejected by CERT at depth=0: CN=x", "warn", "3", "Rejected by CERT at depth=0: CN=x"],
  ["2026.01.15 09:30:00 LOG6[0]: Peer certificate required", "debug", "0", "Peer certificate required"],
  ["[!] No service section", "error", "", "No service section"],
  ["[.] stunnel 5.74 on x86_64-pc-linux-gnu platform", "info", "", "stunnel 5.74 on x86_64-pc-linux-gnu platform"],
  ["[ ] Clients allowed=500", "debug", "", "Clients allowed=500"],
  ["something else", "debug", "", "something else"],
])("%s", (line, level, connection, text) => {
  expect(parseTunnelLine(line)).toEqual({ level, connection, text });
});

test("the OCSP line that 5.74 writes at every handshake is no error, another OCSP line is", () => {
  expect(parseTunnelLine("LOG3[1]: OCSP: No OCSP stapling response received").level).toBe("debug");
  expect(parseTunnelLine("LOG3[1]: OCSP: Certificate revoked").level).toBe("error");
});

test.each([
  "ssl_start: s_poll_wait: TIMEOUTbusy exceeded: sending reset",
  "transfer: s_poll_wait: TIMEOUTidle exceeded: sending reset",
])("the only line that says why a connection ended is a warning: %s", (text) => {
  expect(parseTunnelLine(`2026.01.15 09:30:00 LOG6[0]: ${text}`).level).toBe("warn");
});
