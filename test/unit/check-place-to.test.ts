import { expect, test } from "vitest";
import { same } from "../../src/languages.ts";
import { doubted, held, linked, open, placed, type Row, seen, testPlaces } from "./place-to-kit.ts";

testPlaces([
  [
    "its application is down",
    "application-down",
    /stands, but the application/,
    /tient, mais l'application/,
    [open, held("end")],
  ],
  [
    "its application is down, as it was to us",
    "application-down",
    /stands, but the application/,
    /tient, mais l'application/,
    [linked(seen("closed"), { older: "taken" }), held("reset")],
  ],
  [
    "its application is down after a while",
    "application-down",
    /stands, but the application/,
    /tient, mais l'application/,
    [open, { heldDirectly: seen("closed") }],
  ],
  [
    "ours cuts what it would take",
    "unclear",
    /our own Stunnel resets/,
    /notre propre Stunnel coupe/,
    [open, held("reset")],
  ],
  [
    "it cuts, and speaks TLS 1.3 alone",
    "unclear",
    /does not say why: it refuses our certificate or name, or its application is down/,
    /sans dire pourquoi : il refuse/,
    [linked(seen("closed"), { older: "unknown" })],
  ],
  ["all is well", "works", /stands, up to the application/, /tient, jusqu'à l'application/, [open, held("open")]],
  [
    "all is well through our Stunnel, whatever was shown to us",
    "works",
    /stands, up to the application/,
    /tient, jusqu'à l'application/,
    [linked(seen("alert", "tlsv1 alert unknown ca")), held("open"), { handshake: doubted }],
  ],
  ["all is well from elsewhere", "works", /stands, up to/, /tient, jusqu'à/, [open, { heldDirectly: seen("open") }]],
  ...(["application-silent", "application-negative"] as const).map(
    (fault): Row => [
      `the exchange says ${fault}`,
      fault,
      /stands, and the application behind it .*: AE 207$/,
      /tient, et l'application derrière lui .* : AE 207$/,
      [open, held("open"), { exchange: { fault, detail: same("AE 207") } }],
    ],
  ),
]);

test("what hides behind another place is not named: the nearest comes first", () => {
  const exchange = { exchange: { fault: "application-silent" as const, detail: same("") } };
  expect(placed(linked(seen("alert", "tlsv1 alert unknown ca")), held("reset"), exchange).code).toBe("peer-refused-us");
  expect(placed(open, held("end"), { handshake: doubted }).code).toBe("application-down");
});
