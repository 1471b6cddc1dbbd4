import { type ConnectionOptions, connect } from "node:tls";
import { describe, expect, test } from "vitest";
import { readOwnMessage, stamp } from "../../src/commands/source.ts";
import type { Message } from "../../src/hl7/message.ts";
import { frame } from "../../src/mllp/frame.ts";
import { createAuthority, createLeaf, generateKey } from "../../stunnel/certificates.ts";
import { type SiteName, sharedSandbox } from "./sandbox/index.ts";

/** Who should send to whom, and with which message. */
const LEGS: [SiteName, SiteName][] = [
  ["eai", "dpi"],
  ["dpi", "eai"],
];
const messageOf = async (sender: SiteName) => stamp(await readOwnMessage(sender));

/** Sends a message to a site's TLS port and returns what came back, or why nothing did. */
async function sendTo(receiver: SiteName, message: Message, options: ConnectionOptions) {
  const end = Promise.withResolvers<void>();
  const seen = { answer: "", error: "" };
  const port = await sharedSandbox().tlsPort(receiver);
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

async function pairOf(site: SiteName): Promise<{ cert: string; key: string }> {
  const read = (path: string) => sharedSandbox().mustCompose("exec", "-T", site, "cat", path);
  const [cert, key] = await Promise.all([read(`/certs/${site}.crt`), read(`/certs/${site}.key`)]);
  return { cert, key };
}

async function expectRefused([sender, receiver]: [SiteName, SiteName], options: ConnectionOptions, words: RegExp) {
  const sandbox = sharedSandbox();
  const count = async () => (await sandbox.logs(receiver)).match(words)?.length ?? 0;
  const [before, message] = [await count(), await messageOf(sender)];
  const { answer } = await sendTo(receiver, message, options);
  expect(answer).toBe("");
  await expect.poll(count, { timeout: 10_000 }).toBeGreaterThan(before);
  expect((await sandbox.received(receiver)).map(({ controlId }) => controlId)).not.toContain(message.controlId);
}

describe.each(LEGS)("instead of %s, to %s", (sender, receiver) => {
  const leg: [SiteName, SiteName] = [sender, receiver];

  test.each<["TLSv1.2" | "TLSv1.3"]>([["TLSv1.2"], ["TLSv1.3"]])("without a certificate, %s", async (version) => {
    const words = /ERROR: stunnel: .*peer did not return a certificate/g;
    await expectRefused(leg, { minVersion: version, maxVersion: version }, words);
  });

  test("with a certificate of another authority", async () => {
    const [authorityKey, key] = await Promise.all([generateKey(2048), generateKey(2048)]);
    const authority = createAuthority(authorityKey, new Date());
    const cert = createLeaf(sender, [sender], key, { certificate: authority, key: authorityKey }, new Date());
    const words = /WARN: stunnel: .*(unable to get local issuer certificate|certificate signature failure)/g;
    await expectRefused(leg, { cert, key }, words);
  });

  test("with the receiver's own certificate, which is of the right authority", async () => {
    await expectRefused(leg, await pairOf(receiver), /WARN: stunnel: CERT: Subject checks failed/g);
  });

  test("while the same bytes with the sender's certificate are acknowledged", async () => {
    const message = await messageOf(sender);
    const { answer, error } = await sendTo(receiver, message, await pairOf(sender));
    expect(error).toBe("");
    expect(answer).toContain(`MSA|AA|${message.controlId}\r`);
  });
});
