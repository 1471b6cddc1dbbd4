import { describe, expect, test } from "vitest";
import { OwnProbes, parseTunnelLine } from "../../src/site/tunnel-line.ts";

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

describe("a connection with which a site asks its own TLS port", () => {
  const said = (probes: OwnProbes, connection: number, text: string, level = 5) =>
    probes.quiet(parseTunnelLine(`LOG${level}[${connection}]: ${text}`)).level;
  const accepted = (service: string, from: string) => `Service [${service}] accepted connection from ${from}`;
  const refusal = "SSL_accept: ssl/tls alert handshake failure";
  const begun = (service: string, from: string) => {
    const probes = new OwnProbes(["adt_from_dpi"]);
    return { probes, level: said(probes, 7, accepted(service, from)) };
  };

  test("alarms nobody by its refusal, which stays to be seen", () => {
    const { probes, level } = begun("adt_from_dpi", "127.0.0.1:39284");
    expect([level, said(probes, 7, refusal, 3), said(probes, 7, "CERT: rejected", 4)]).toEqual([
      "info",
      "info",
      "info",
    ]);
  });

  test("hides no other one, before it or after", () => {
    const { probes } = begun("adt_from_dpi", "127.0.0.1:39284");
    expect([said(probes, 6, refusal, 3), said(probes, 8, refusal, 3)]).toEqual(["error", "error"]);
    expect(probes.quiet(parseTunnelLine("LOG3[ui]: Binding failed")).level).toBe("error");
  });

  test.each([
    ["adt_from_dpi", "172.18.0.3:39284"],
    ["mdm_to_dpi", "127.0.0.1:39284"],
    ["adt_from_dpi", "127.0.0.11:39284"],
  ])("is not one to [%s] from %s", (service, from) => {
    const { probes, level } = begun(service, from);
    expect([level, said(probes, 7, refusal, 3)]).toEqual(["info", "error"]);
  });

  test("is calmer, and else the same", () => {
    const probes = new OwnProbes(["a"]);
    const first = { level: "info", connection: "0", text: accepted("a", "127.0.0.1:1") } as const;
    expect(probes.quiet(first)).toEqual(first);
    expect(probes.quiet({ level: "error", connection: "0", text: refusal })).toEqual({ ...first, text: refusal });
    expect(probes.quiet({ level: "debug", connection: "0", text: "x" }).level).toBe("debug");
  });
});
