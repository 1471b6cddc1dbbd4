import { tmpdir } from "node:os";
import { Readable } from "node:stream";
import { expect, test, vi } from "vitest";
import { explainCommand } from "../../src/commands/explain.ts";
import { runIn } from "./command-in-process.ts";

const explain = (...parameters: string[]) => runIn(tmpdir(), explainCommand(), ...parameters);

async function explainInput(input: string, ...parameters: string[]) {
  const before = Object.getOwnPropertyDescriptor(process, "stdin");
  Object.defineProperty(process, "stdin", { configurable: true, value: Readable.from([Buffer.from(input)]) });
  try {
    return await explain("-", ...parameters);
  } finally {
    if (before) Object.defineProperty(process, "stdin", before);
    vi.restoreAllMocks();
  }
}

const EXPIRED = "SSL_connect: error:0A000415:SSL routines::sslv3 alert certificate expired: SSL alert number 45";

test("an alert is told with who refused, every cause and what to do next", async () => {
  expect(await explain(EXPIRED)).toEqual({
    code: 0,
    stderr: "",
    stdout: `said     sslv3 alert certificate expired: SSL alert number 45
refused  the far side refused the side of this line
means    the far side considers our certificate expired, or its own CRL has expired and ours is good
may be   an expired certificate; an expired CRL, with a good certificate
next     look at the last day of our certificate ("certs show"); if it is in date, the far CRL is to be renewed
`,
  });
});

test("the same in French, of a line without quotes around it", async () => {
  const { code, stdout } = await explain("--lang", "fr", "CERT:", "Subject", "checks", "failed");
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `message   Subject checks failed
refus     le côté de cette ligne a refusé l'autre
signifie  le certificat du pair est bon, mais porte un autre nom que celui attendu ici
ensuite   comparez ses noms (« Rejected by CERT », ligne suivante) avec checkHost dans stunnel.conf
`,
  });
});

test("--json is one document in the language that was asked for", async () => {
  const { code, stdout } = await explain("--json", "--lang", "fr", "8 byte(s) sent to TLS");
  const meaning = {
    said: "byte(s) sent to TLS",
    causes: ["no-proof"],
    refusedBy: null,
    plain: expect.stringMatching(/^autant a été confié à TLS/),
    next: expect.stringMatching(/MSA-2/),
  };
  expect([code, JSON.parse(stdout)]).toEqual([0, { meanings: [meaning], unknown: 0 }]);
});

test("of a whole log each meaning is told once, and how many lines say nothing known", async () => {
  const log = ["CERT: Subject checks failed", "a quiet line", EXPIRED, "", "another", EXPIRED, ""].join("\n");
  const { code, stdout, stderr } = await explainInput(log);
  expect([code, stderr]).toEqual([0, "note: 2 lines say nothing that is known here\n"]);
  expect(stdout.match(/^said .*$/gm)).toEqual([
    "said     Subject checks failed",
    "said     sslv3 alert certificate expired: SSL alert number 45",
  ]);
});

test("nothing known is an error of two lines, which repeats nothing of the line", async () => {
  const finished = [await explain("PID|1||4711||DUPONT^JEAN"), await explainInput("DUPONT\nJEAN\n", "--json")];
  for (const { code, stdout, stderr } of finished) {
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^error: cannot explain it: .+\nhint: .+\n$/);
    expect(stderr).not.toMatch(/DUPONT|JEAN/);
  }
});

test("what stands beside the known words stays unsaid", async () => {
  const { stdout } = await explain("DUPONT^JEAN /certs/jean.key: Permission denied (13) 4711");
  expect(stdout).toContain("Permission denied\n");
  expect(stdout).not.toMatch(/DUPONT|jean|4711/);
});

test.each([[[]], [["--lang", "de", "x"]]])("wrong usage exits 2: %j", async (parameters) => {
  const { code, stdout } = await explain(...parameters);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
});
