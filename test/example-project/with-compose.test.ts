/** With plain Compose: the application in a container beside DPI's Stunnel, which speaks TLS for it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Outcome } from "./application.ts";
import { Compose } from "./compose.ts";
import { cases, type Link } from "./link.ts";

const compose = new Compose(["safetunnel.yml", "beside-stunnel.yml"]);
// "--wait" ends when all are healthy, and with an error once one is not or has ended
const up = (environment: Record<string, string>, ...more: string[]) =>
  compose.run(["up", "--detach", "--no-build", "--wait", "--wait-timeout", "90", ...more], environment);

async function start(): Promise<Link> {
  await up({});
  const inEai = (...command: string[]) => compose.run(["exec", "-T", "eai", ...command]);
  return {
    send: async (message) =>
      (await compose.runWith(message, ["exec", "-T", "application", "node", "application.ts", "send"])) as Outcome,
    eaiAnswers: async (misbehaviour) => void (await up({ EAI_ANSWER: misbehaviour }, "--no-deps", "eai")),
    stopEai: async () => void (await compose.run(["stop", "--timeout", "0", "eai"])),
    revoke: async () => {
      await compose.run(["run", "--rm", "certs", "certs", "revoke", "dpi"]);
      await inEai("certs", "reload");
    },
    inEai,
  };
}

cases("beside Stunnel, with plain Compose", compose, start, (link) => {
  test("what EAI sends is acknowledged by the application, and what it does not take gets AE", async () => {
    await link().eaiAnswers("");
    const { code, controlId } = JSON.parse(await link().inEai("send", "--json")) as { code: string; controlId: string };
    assert.equal(code, "AA");
    assert.ok((await compose.run(["logs", "application"])).includes(`${controlId}: AA`));
    const other = ["bash", "-c", "sed s/MDM^T02/ORU^R01/ /app/eai/message.hl7 | send --segments --json -"];
    await assert.rejects(link().inEai(...other), { code: 3, stdout: /"code":"AE"/ });
  });
});
