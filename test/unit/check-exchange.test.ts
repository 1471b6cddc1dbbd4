import { describe, expect, test } from "vitest";
import type { Finding } from "../../src/check/finding.ts";
import { type ExchangeProbe, judgeExchange } from "../../src/commands/check-exchange.ts";
import { Message } from "../../src/hl7/message.ts";
import { writeAcknowledgment } from "../../src/hl7/write-acknowledgment.ts";
import { frame } from "../../src/mllp/frame.ts";
import { FrameDecoder } from "../../src/mllp/frame-decoder.ts";
import { type Answer, accept, answerer, serve, template } from "./peer.ts";
import { closes, serve as serveTcp, serveTls } from "./tls-kit.ts";
import { ToldLimit } from "./told-limit.ts";

const text = (payload: string) => Buffer.from(payload.replaceAll("\n", "\r"), "latin1");
const idOf = (payload: Buffer) => Message.read(payload).controlId;
const isWrong = (payload: Buffer) => Message.read(payload).type === "ZZZ^Z99";
const PATIENT = ["DOMPREMY", "DOMINIQUE", "207", "279035121518989"];

/** An acknowledgment as engines write it that quote what they were sent. */
const acknowledge = (code: string, payload: Buffer, err = "", id = idOf(payload)) =>
  text(
    `MSH|^~\\&|DPI|CHU_X|EAI|CHU_X|20260115||ACK|1|P|2.6\nMSA|${code}|${id}|chambre 207, ${PATIENT.join(" ")}\n${err}`,
  );
/** ERR-2 and ERR-3 and the words for a person in ERR-8. */
const ERR = `ERR||PID^1^5|207^Application internal error^HL70357|E||||room 103 of ${PATIENT.join(" ")}\n`;
const OLD_ERR = `ERR|PID^1^5^101&Required field missing&HL70357\n`;

const inOrder: Answer = async (payload) =>
  isWrong(payload) ? acknowledge("AR", payload, "ERR||MSH^1^9|200^^HL70357|E\n") : accept(payload);

/** What comes of an exchange with an application, judged through a plain port, which is the tunnel's. */
async function judged(answer: Answer, more: Partial<ExchangeProbe> = {}) {
  await using far = await serve(answer);
  const tunnel = { host: "127.0.0.1", port: far.port };
  const { findings, fault } = await judgeExchange({
    message: template,
    tunnel,
    direct: undefined,
    timeoutMs: 1000,
    ...more,
  });
  return { findings, fault, shown: findings.map(brief) };
}

/** Lets the limit of the message at hand pass, and acknowledges nothing. */
const passed = (limit: ToldLimit): undefined => {
  limit.pass();
};

const brief = ({ id, status }: Finding) => `${id.slice("exchange.".length)} ${status}`;

test("an application that does as it should passes, with its own words and no more", async () => {
  const { findings, fault, shown } = await judged(inOrder);
  expect([shown, fault]).toEqual([["acknowledged pass", "negative pass", "round-trip pass"], undefined]);
  expect(findings[0]?.detail.en).toMatch(/^AA for MDM\w+ in \d+ ms, connection included$/);
  expect(findings[0]?.detail.fr).toMatch(/^AA pour MDM\w+ en \d+ ms, connexion comprise$/);
  expect(findings[1]?.detail.en).toBe("AR 200 for a message of the type ZZZ^Z99");
  expect(findings[2]?.detail.en).toMatch(/^[\d.]+ ms through the tunnel$/);
});

test("one that takes whatever comes fails: a message that it cannot read would look delivered", async () => {
  const { shown, findings } = await judged(accept);
  expect(shown).toEqual(["acknowledged pass", "negative fail", "round-trip pass"]);
  expect(findings[1]?.detail.fr).toBe("AA pour un message du type ZZZ^Z99");
});

test("the message is stamped anew each time, and only the wrong one has another type", async () => {
  const taken: Message[] = [];
  await judged(async (payload) => {
    taken.push(Message.read(payload));
    return await inOrder(payload);
  });
  expect(new Set(taken.map(({ controlId }) => controlId))).toHaveProperty("size", taken.length);
  expect(taken.map(({ type }) => type)).toEqual(["MDM^T02", "MDM^T02", "ZZZ^Z99"]);
});

describe("an application that refuses the message", () => {
  test.each([
    ["AE", ERR, "AE 207"],
    ["AR", OLD_ERR, "AR 101"],
    ["CE", "", "CE"],
    // what is no condition of table 0357 could be anything
    ["AE", "ERR||PID|DOMPREMY|E\n", "AE"],
  ])("with %s and %s is quoted no further than %s", async (code, err, words) => {
    const { findings, fault } = await judged(async (payload) => acknowledge(code, payload, err));
    expect(findings[0]).toMatchObject({ id: "exchange.acknowledged", status: "fail" });
    expect(findings[0]?.detail.en.split(" for ")[0]).toBe(words);
    expect(fault).toEqual({ fault: "application-negative", detail: { en: words, fr: words } });
  });

  test("does so for whatever comes: that the wrong one is refused as well proves nothing", async () => {
    const { shown } = await judged(async (payload) => acknowledge("AE", payload));
    expect(shown).toEqual(["acknowledged fail", "negative skip", "round-trip pass"]);
  });

  test("quotes no patient anywhere", async () => {
    const all = await judged(async (payload) => acknowledge("AE", payload, ERR.replace("207^", "^")));
    for (const word of PATIENT) expect(JSON.stringify(all)).not.toContain(word);
  });
});

describe("an application that does not acknowledge", () => {
  test.concurrent.each<[string, Answer, string]>([
    ["it says nothing", async () => undefined, "nothing within 0.1 s"],
    [
      "it acknowledges another message",
      async (payload) => acknowledge("AA", payload, "", "DOMPREMY-1"),
      "nothing within 0.1 s, and something that is not its acknowledgment",
    ],
    [
      "it says what is no acknowledgment",
      async () => text("PID|1||DOMINIQUE\n"),
      "what came back is no acknowledgment of it",
    ],
    [
      "it says MSA without a code",
      async (payload) => acknowledge("OK", payload),
      "what came back is no acknowledgment of it",
    ],
  ])("where %s, it is silent", async (_what, answer, detail) => {
    const { shown, fault } = await judged(answer, { timeoutMs: 100 });
    expect(shown).toEqual(["acknowledged fail", "negative skip", "round-trip skip"]);
    expect([fault?.fault, fault?.detail.en]).toEqual(["application-silent", detail]);
  });

  test("where it ends the connection, it does not either", async () => {
    await using far = await serveTcp(closes);
    const { fault, findings, wasCut } = await judgeExchange({
      message: template,
      tunnel: far.endpoint,
      direct: undefined,
      timeoutMs: 1000,
    });
    expect([fault?.fault, fault?.detail.en, wasCut]).toEqual([
      "application-silent",
      "it ends the connection instead",
      true,
    ]);
    expect(findings.map(({ status }) => status)).toEqual(["fail", "skip", "skip"]);
  });

  test("to the wrong message only is a warning: nothing was taken for delivered", async () => {
    using limit = new ToldLimit();
    const { shown } = await judged(async (payload) => (isWrong(payload) ? passed(limit) : await accept(payload)));
    expect(shown).toEqual(["acknowledged pass", "negative warn", "round-trip pass"]);
  });

  test("the second time is a warning, and no round trip is made up", async () => {
    using limit = new ToldLimit();
    let count = 0;
    const { shown, findings } = await judged(async (payload) =>
      ++count === 2 ? passed(limit) : await inOrder(payload),
    );
    expect(shown).toEqual(["acknowledged pass", "negative pass", "round-trip warn"]);
    expect(findings[2]?.detail.en).toBe("- through the tunnel");
  });
});

describe("past the tunnel", () => {
  /** An application behind TLS of its own. */
  const overTls = () =>
    serveTls({}, (socket) => {
      const decoder = new FrameDecoder();
      socket.on("data", (chunk) => {
        for (const received of decoder.push(chunk))
          if (received.kind === "payload")
            socket.write(
              frame(
                writeAcknowledgment(answerer, Message.read(received.payload), isWrong(received.payload) ? "AE" : "AA"),
              ),
            );
      });
    });

  test("both ways are measured", async () => {
    await using far = await overTls();
    const { findings, shown } = await judged(inOrder, { direct: far });
    expect(shown).toEqual(["acknowledged pass", "negative pass", "round-trip pass"]);
    expect(findings[2]?.detail.fr).toMatch(/^\d+,\d ms par le tunnel, \d+,\d ms en direct$/);
  });

  test("all goes where there is no tunnel", async () => {
    await using far = await overTls();
    const { findings, shown } = await judged(inOrder, { direct: far, tunnel: undefined });
    expect(shown).toEqual(["acknowledged pass", "negative pass", "round-trip pass"]);
    expect(findings[2]?.detail.en).toMatch(/^[\d.]+ ms directly$/);
  });

  test("a port that never speaks TLS is given up, and its connection with it", async () => {
    const gone = Promise.withResolvers<void>();
    await using far = await serveTcp((socket) => void socket.resume().on("close", () => gone.resolve()));
    const { fault } = await judged(inOrder, { direct: far, tunnel: undefined, timeoutMs: 20 });
    expect(fault?.fault).toBe("application-silent");
    await gone.promise;
  });
});
