import { expect, test } from "vitest";
import { stamp } from "../../src/commands/source.ts";
import { template } from "./peer.ts";
import { receiveInto } from "./receiver.ts";
import { SiteStore } from "./site-store.ts";

// HL7 v2.6 §2.9.2 and §2.9.3 with table 0155; a dash is an empty field, and where nothing is to be sent
const TABLE = `
  MSH-15  MSH-16  accepted  refused  by-the-application
  -       -       AA        AR       AE
  -       AL      AA        AR       AE
  -       NE      -         -        -
  -       ER      -         AR       AE
  -       SU      AA        -        -
  AL      -       CA        CR       CA
  AL      AL      CA+AA     CR       CA+AE
  AL      NE      CA        CR       CA
  AL      ER      CA        CR       CA+AE
  AL      SU      CA+AA     CR       CA
  NE      -       -         -        -
  NE      AL      AA        AR       AE
  NE      NE      -         -        -
  NE      ER      -         AR       AE
  NE      SU      AA        -        -
  ER      -       -         CR       -
  ER      AL      AA        CR       AE
  ER      NE      -         CR       -
  ER      ER      -         CR       AE
  ER      SU      AA        CR       -
  SU      -       CA        -        CA
  SU      AL      CA+AA     AR       CA+AE
  SU      NE      CA        -        CA
  SU      ER      CA        AR       CA+AE
  SU      SU      CA+AA     -        CA
`;
const [, ...ROWS] = TABLE.trim()
  .split("\n")
  .map((line) => line.trim().split(/ +/));
const asking = (accept = "", application = "") =>
  stamp(template).withHeader({ 15: accept.replace("-", ""), 16: application.replace("-", "") });

test("every pair of MSH-15 and MSH-16 gets the acknowledgments that it asks for, in one write, and no other", async () => {
  using site = new SiteStore();
  const dpi = await receiveInto(site);
  const refusing = await receiveInto(site, {}, () => "AE");
  const found = ROWS.map(async ([accept, application]) => {
    const codes = await Promise.all([
      dpi.codesFor(asking(accept, application)),
      dpi.codesFor(asking(accept, application).withHeader({ 9: "ORU^R01" })),
      refusing.codesFor(asking(accept, application)),
    ]);
    return [accept, application, ...codes.map((sent) => sent.join("+") || "-")];
  });
  expect(await Promise.all(found)).toEqual(ROWS);
  expect(found).toHaveLength(25);
});

test.each([
  ["XX", "AL", 15],
  ["AL", "XX", 16],
  ["XX", "-", 15],
  ["-", "al", 16],
  ["NE", "AL~NE", 16],
])(
  "a value that table 0155 does not have is refused aloud, whatever the other asks: %s and %s",
  async (accept, application, field) => {
    using site = new SiteStore();
    const dpi = await receiveInto(site);
    const [only, ...more] = await dpi.acknowledge(asking(accept, application));
    expect(only).toMatchObject({
      code: "AE",
      details: [expect.stringContaining(`MSH^1^${field} 103^Table value not found`)],
    });
    expect(more).toEqual([]);
  },
);

test("of two acknowledgments each names the message, and the reason stands in the one that refuses", async () => {
  using site = new SiteStore();
  const dpi = await receiveInto(site, {}, () => ({ code: "AE", text: "unknown patient" }));
  const message = asking("AL", "AL");
  expect(await dpi.acknowledge(message)).toMatchObject([
    { code: "CA", controlId: message.controlId, details: [] },
    { code: "AE", controlId: message.controlId, details: [expect.stringContaining("unknown patient")] },
  ]);
});

test("what is answered with nothing is stored all the same, as what it was", async () => {
  using site = new SiteStore();
  const dpi = await receiveInto(site);
  expect(await dpi.answerTo(asking("NE", "NE"))).toBeUndefined();
  expect(await dpi.answerTo(asking("NE", "NE").withHeader({ 9: "ORU^R01" }))).toBeUndefined();
  const stored = site.journal.after(0, 10);
  expect(stored.map(({ code, answer }) => [code, answer.length])).toEqual([
    ["AA", 0],
    ["AR", 0],
  ]);
});

test("the journal keeps both acknowledgments as they were sent", async () => {
  using site = new SiteStore();
  const dpi = await receiveInto(site);
  const sent = await dpi.bytesFor(asking("AL", "AL"));
  const [entry] = site.journal.after(0, 1);
  expect(entry?.code).toBe("AA");
  expect(sent?.length).toBeGreaterThan(0);
  expect(Buffer.compare(entry?.answer ?? Buffer.alloc(0), sent ?? Buffer.alloc(0))).toBe(0);
});
