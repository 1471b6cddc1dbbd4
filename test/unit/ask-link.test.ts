import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { LinkAsker } from "../../src/watch/ask-link.ts";
import { material } from "./material-made.ts";

const TLS = "TLS connected: new session negotiated";
const RESET = "Connection reset: 0 byte(s) sent to TLS, 0 byte(s) sent to socket";
const ALERT = "SSL_read: error:0A000414:SSL routines::ssl/tls alert certificate revoked: SSL alert number 44";

type Saying = (...lines: string[]) => void;

/** Asks a plain port behind which Stunnel does and says what a test has it do. */
async function ask(tunnel: (socket: Socket, say: Saying) => void, limits = { holdMs: 1, limitMs: 5000 }) {
  await using server = createServer((socket) => {
    const line = (connection: string, text: string) => asker.tunnelLine({ level: "info", connection, text });
    // connections of others come between, to this service and to the other one
    line("1", "Service [adt_from_dpi] accepted connection from 192.0.2.7:1");
    line("2", `Service [mdm_to_dpi] accepted connection from ${socket.remoteAddress}:${socket.remotePort}`);
    line("3", "Service [mdm_to_dpi] accepted connection from 127.0.0.1:1");
    line("1", "CERT: Pre-verification error: certificate has expired");
    line("3", "SSL_connect: error:0A000418:SSL routines::tlsv1 alert unknown ca");
    tunnel(
      socket.on("error", () => {}),
      (...lines) => {
        for (const text of lines) line("2", text);
      },
    );
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const asker: LinkAsker = new LinkAsker(
    { endpoint: { host: "127.0.0.1", port }, service: () => "mdm_to_dpi", peer: "dpi", own: () => material() },
    limits,
  );
  return await asker.ask();
}

test("a connection on which TLS stands, and goes on standing, stands", async () => {
  expect(await ask((_, say) => say(TLS))).toEqual({
    stands: true,
    words: "a connection to dpi stands through the tunnel",
  });
});

test("one whose TLS does not come up does not, however long the plain port is open", async () => {
  const answer = await ask((_, say) => say("s_connect: connecting 192.0.2.1:32100"), { holdMs: 1, limitMs: 30 });
  expect(answer).toMatchObject({ stands: false, words: "no TLS with dpi within 0.03 s" });
});

test("a refusal that comes late, when our side is done already, is seen, and what Stunnel says of it is awaited", async () => {
  const answer = await ask(
    (socket, say) => {
      say(TLS);
      // its lines come through a pipe, and later than the reset
      socket.once("close", () => setTimeout(() => say(ALERT, RESET), 10)).resetAndDestroy();
    },
    { holdMs: 2000, limitMs: 5000 },
  );
  const words = expect.stringMatching(/^dpi refused us with ".*certificate revoked/);
  expect(answer).toMatchObject({ stands: false, words, hint: expect.stringMatching(/./) });
});

test("that we refused the peer is said as such", async () => {
  const answer = await ask((socket, say) => {
    say("CERT: Pre-verification error: certificate has expired", RESET);
    socket.resetAndDestroy();
  });
  expect(answer).toMatchObject({ stands: false, words: "our Stunnel refused dpi: the peer's certificate has expired" });
});

test("a tunnel that ends once it stands, refused by nobody, has no application behind it", async () => {
  const answer = await ask(
    (socket, say) => {
      say(TLS, RESET);
      socket.end();
    },
    { holdMs: 2000, limitMs: 5000 },
  );
  expect(answer).toMatchObject({
    stands: false,
    words: "the tunnel to dpi stands, but the application behind it does not take the connection",
  });
});

test("a peer that is not reached is said to be so, in words", async () => {
  const answer = await ask((socket, say) => {
    say("s_connect: connect 192.0.2.1:32100: Connection refused (111)", RESET);
    socket.resetAndDestroy();
  });
  expect(answer.words).toBe(
    "our Stunnel has no connection to dpi: the machine answers, and nothing listens on that port",
  );
});

test("a Stunnel of our own that does not listen is named", async () => {
  const endpoint = { host: "127.0.0.1", port: 1 };
  const asker = new LinkAsker({ endpoint, service: () => "mdm_to_dpi", peer: "dpi", own: () => undefined });
  const answer = await asker.ask();
  expect(answer).toMatchObject({ stands: false, words: "our own Stunnel does not listen on 127.0.0.1:1" });
});
