import { readFileSync } from "node:fs";
import { type ConnectionOptions, connect } from "node:tls";
import { expect, test } from "vitest";
import { stamp } from "../../src/commands/source.ts";
import { Message, payloadOfLines } from "../../src/hl7/message.ts";
import { frame } from "../../src/mllp/frame.ts";
import { createAuthority, createLeaf, generateKey } from "../../stunnel/certificates.ts";
import { type Sandbox, sharedSandbox } from "./sandbox/index.ts";

const template = Message.read(payloadOfLines(readFileSync("eai/message.hl7")));

/** Sends a message to DPI's TLS port and returns what came back, or why nothing did. */
async function sendToDpi(sandbox: Sandbox, message: Message, options: ConnectionOptions) {
  const end = Promise.withResolvers<void>();
  const seen = { answer: "", error: "" };
  const port = await sandbox.tlsPort("dpi");
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ...options });
  socket.on("secureConnect", () => socket.write(frame(message.payload)));
  socket.on("data", (chunk) => {
    seen.answer += chunk.toString("utf8");
    end.resolve();
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    seen.error = error.code ?? error.message;
  });
  socket.on("close", () => end.resolve());
  await end.promise;
  socket.destroy();
  return seen;
}

const fileOf = (sandbox: Sandbox, path: string) => sandbox.mustCompose("exec", "-T", "eai", "cat", path);

async function expectRefused(options: ConnectionOptions, words: RegExp): Promise<void> {
  const sandbox = sharedSandbox();
  const message = stamp(template);
  const { answer } = await sendToDpi(sandbox, message, options);
  expect(answer).toBe("");
  await expect.poll(() => sandbox.logs("dpi"), { timeout: 10_000 }).toMatch(words);
  expect((await sandbox.received("dpi")).map(({ controlId }) => controlId)).not.toContain(message.controlId);
}

test.each<["TLSv1.2" | "TLSv1.3"]>([["TLSv1.2"], ["TLSv1.3"]])("without a certificate, %s", async (version) => {
  const versions = { minVersion: version, maxVersion: version };
  await expectRefused(versions, /ERROR: stunnel: .*peer did not return a certificate/);
});

test("with a certificate of another authority", async () => {
  const [authorityKey, key] = await Promise.all([generateKey(2048), generateKey(2048)]);
  const authority = createAuthority(authorityKey, new Date());
  const cert = createLeaf("eai", ["eai"], key, { certificate: authority, key: authorityKey }, new Date());
  await expectRefused(
    { cert, key },
    /WARN: stunnel: .*(unable to get local issuer certificate|certificate signature failure)/,
  );
});

test("with a certificate of our authority and another name, even DPI's own", async () => {
  const sandbox = sharedSandbox();
  const [cert, key] = await Promise.all(
    ["/certs/dpi.crt", "/certs/dpi.key"].map((path) => sandbox.mustCompose("exec", "-T", "dpi", "cat", path)),
  );
  await expectRefused({ cert, key }, /WARN: stunnel: CERT: Subject checks failed/);
});

test("while the same bytes with EAI's certificate are acknowledged", async () => {
  const sandbox = sharedSandbox();
  const [cert, key] = await Promise.all([fileOf(sandbox, "/certs/eai.crt"), fileOf(sandbox, "/certs/eai.key")]);
  const message = stamp(template);
  const { answer, error } = await sendToDpi(sandbox, message, { cert, key });
  expect(error).toBe("");
  expect(answer).toContain(`MSA|AA|${message.controlId}\r`);
});
