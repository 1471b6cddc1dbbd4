/** What this project wants to know of its application before a hospital does, however the sandbox is started. */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { Outcome } from "./application.ts";
import type { Compose } from "./compose.ts";

/** The application under test, and the EAI of the sandbox at the other end of its link. */
export interface Link {
  /** Has the application send a message, and returns what it believes of it. */
  send(message: string): Promise<Outcome>;
  /** Has EAI run, with a listener that misbehaves in this way: the EAI_ANSWER of the sandbox. */
  eaiAnswers(misbehaviour: string): Promise<void>;
  stopEai(): Promise<void>;
  /** Takes back the certificate of the application's side, and has EAI read the new list. */
  revoke(): Promise<void>;
  /** Runs a command in EAI and returns what it printed. */
  inEai(...command: string[]): Promise<string>;
}

interface Received {
  controlId: string;
  code: string;
  repeats: number;
  payloadBase64: string;
}

/** An admission of the published test identity. */
const admission = (controlId: string): string =>
  [
    `MSH|^~\\&|DPI|CHU_X|EAI|CHU_X|20260115083000||ADT^A01^ADT_A01|${controlId}|T|2.5^FRA^2.11|||||FRA|UNICODE UTF-8`,
    "EVN||20260115083000",
    "PID|1||000003^^^CHU_X&120456789&M^PI||PAT-TROIS^DOMINIQUE^^^^^L||19790328|F|||^^DOMPRÉMY",
    "PV1|1|I",
    "",
  ].join("\r");

async function receivedBy(link: Link, controlId: string): Promise<Received[]> {
  const lines = await link.inEai("listen", "--no-follow", "--json", "--last", "20");
  const all = lines
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Received);
  return all.filter((message) => message.controlId === controlId);
}

/** Runs the same cases, whichever way the sandbox is started. */
export function cases(
  way: string,
  compose: Compose,
  start: () => Promise<Link>,
  more: (link: () => Link) => void = () => {},
): void {
  suite(way, () => {
    let link: Link;
    before(async () => {
      link = await start();
    });
    // what did not start whole is there in part
    after(() => compose.end());

    test("what is sent through mutual TLS gets AA, and is stored to the byte", async () => {
      const message = admission("ACCEPTED");
      assert.equal(await link.send(message), "delivered");
      const [stored, ...others] = await receivedBy(link, "ACCEPTED");
      assert.deepEqual(others, []);
      assert.equal(Buffer.from(stored?.payloadBase64 ?? "", "base64").toString(), message);
    });

    test("AE is a refusal: not delivered, and not sent again", async () => {
      await link.eaiAnswers("AE 204");
      assert.equal(await link.send(admission("REFUSED")), "refused");
      const stored = await receivedBy(link, "REFUSED");
      assert.deepEqual(
        stored.map(({ code, repeats }) => [code, repeats]),
        [["AE", 0]],
      );
    });

    test("AR is for now: the same message goes again, and is accepted", async () => {
      await link.eaiAnswers("AR first 1");
      assert.equal(await link.send(admission("AGAIN")), "delivered");
      const stored = await receivedBy(link, "AGAIN");
      assert.deepEqual(
        stored.map(({ code }) => code),
        ["AR", "AA"],
      );
    });

    test("a lost acknowledgment: the same message goes again, and is there once", async () => {
      await link.eaiAnswers("close first 1");
      assert.equal(await link.send(admission("LOST")), "delivered");
      const stored = await receivedBy(link, "LOST");
      assert.deepEqual(
        stored.map(({ code, repeats }) => [code, repeats]),
        [["AA", 1]],
      );
    });

    test("nobody there: the application says so, and does not wait for ever", async () => {
      await link.stopEai();
      assert.equal(await link.send(admission("NOBODY")), "not delivered");
    });

    more(() => link);

    test("a revoked certificate is refused", async () => {
      await link.eaiAnswers("");
      assert.equal(await link.send(admission("BEFORE")), "delivered");
      await link.revoke();
      assert.equal(await link.send(admission("REVOKED")), "not delivered");
      assert.deepEqual(await receivedBy(link, "REVOKED"), []);
      assert.match(await link.inEai("cat", "/data/log/stunnel.log"), /certificate revoked/);
    });
  });
}
